import sharp, { type Sharp } from 'sharp';
import type { Size } from './measure-operation.ts';

/** Where a pass gets its frames from: the file, or the raw pixels that the pass before it left. */
export interface PixelSource extends Size {
  readonly frames: number;
  /** A fresh pipeline over all frames, one below the other. */
  open(): Sharp;
}

export interface RawPixels extends Size {
  readonly data: Buffer;
  readonly frames: number;
  readonly channels: 1 | 2 | 3 | 4;
}

export async function readPixels(pipeline: Sharp, frames: number): Promise<RawPixels> {
  const { data, info } = await pipeline.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  return { data, frames, width: info.width, height: info.height / frames, channels: info.channels };
}

export function fromPixels({ data, width, height, frames, channels }: RawPixels): PixelSource {
  const raw = { width, height: height * frames, channels, ...(frames > 1 && { pageHeight: height }) };
  return {
    width,
    height,
    frames,
    open: () => sharp(data, { raw, limitInputPixels: false, ...(frames > 1 && { pages: -1 }) }),
  };
}

/** Frame `index` alone, without a copy. */
export function frameOf({ data, width, height, channels }: RawPixels, index: number): RawPixels {
  const bytes = width * height * channels;
  return { data: data.subarray(index * bytes, (index + 1) * bytes), frames: 1, width, height, channels };
}

export function joinFrames(frames: readonly RawPixels[]): RawPixels {
  const first = frames[0];
  if (!first) throw new TypeError('no frames');
  return { ...first, frames: frames.length, data: Buffer.concat(frames.map(({ data }) => data)) };
}
