import sharp, { type Sharp } from 'sharp';

/** Small real images for the tests, encoded by sharp in the test's own process. */

/** A gradient with a dark and a bright corner, so that every turn and mirroring of it is another picture. */
export function gradientPixels(width: number, height: number, frames = 1): Buffer {
  const data = Buffer.alloc(width * height * frames * 3);
  for (let index = 0; index < width * height * frames; index += 1) {
    const x = index % width;
    const y = Math.floor(index / width) % height;
    const frame = Math.floor(index / (width * height));
    data.set([(x * 255) / width, (y * 255) / height, (frame * 40) % 256], index * 3);
  }
  return data;
}

export function gradient(width: number, height: number): Sharp {
  return sharp(gradientPixels(width, height), { raw: { width, height, channels: 3 } });
}

/** All frames one below the other; encode with `gif` or `webp`, which take `delay` and `loop`. */
export function animation(width: number, height: number, frames: number): Sharp {
  const raw = { width, height: height * frames, channels: 3, pageHeight: height } as const;
  return sharp(gradientPixels(width, height, frames), { raw, pages: -1 });
}
