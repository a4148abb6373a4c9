import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { CONTENT_TYPES, IMAGE_TYPES } from '../image-type.ts';
import type { Operation } from '../operations.ts';
import { animation, gradient } from '../testing/make-images.ts';
import { ImageEngine } from './image-engine.ts';

const PHOTOGRAPH = join(import.meta.dirname, '../../../../tests/rainier.jpg');

let folder: string;
let outputPath: string;
let engine: ImageEngine;

beforeAll(() => {
  sharp.cache(false);
  engine = new ImageEngine({ slots: 1 });
});
afterAll(() => engine.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'image-engine-'));
  outputPath = join(folder, 'output');
});
afterEach(() => rm(folder, { recursive: true }));

const put = async (bytes: Uint8Array): Promise<string> => {
  const path = join(folder, 'input');
  await writeFile(path, bytes);
  return path;
};
const transform = (inputPath: string, operations?: Operation[]) =>
  engine.processImage({ inputPath, outputPath, operations });

test('a photograph becomes a thumbnail of 512 pixels in its own type', async () => {
  const result = await transform(PHOTOGRAPH);
  expect(result).toMatchObject({
    format: 'jpeg',
    contentType: 'image/jpeg',
    width: 512,
    height: 384,
    frames: 1,
  });
  expect(result).not.toHaveProperty('description');
  const bytes = await readFile(outputPath);
  expect(bytes.length).toBe(result.bytes);
  expect(await sharp(bytes).metadata()).toMatchObject({ format: 'jpeg', width: 512, height: 384 });
});

test('the thumbnail shows the photograph', async () => {
  await transform(PHOTOGRAPH, [
    { op: 'resize', width: 64 },
    { op: 'format', type: 'png' },
  ]);
  const pixels = await sharp(outputPath).raw().toBuffer();
  const expected = await sharp(PHOTOGRAPH).resize(64).raw().toBuffer();
  const difference = pixels.reduce((sum, value, index) => sum + Math.abs(value - (expected[index] ?? 0)), 0);
  expect(difference / pixels.length).toBeLessThan(3);
});

test('the default never enlarges', async () => {
  expect(await transform(await put(await gradient(300, 200).png().toBuffer()))).toMatchObject({
    width: 300,
    height: 200,
  });
  expect(await transform(await put(await gradient(20, 600).png().toBuffer()))).toMatchObject({
    width: 17,
    height: 512,
  });
});

test('every type becomes every type', async () => {
  for (const from of IMAGE_TYPES) {
    const path = await put(await gradient(30, 20).toFormat(from).toBuffer());
    for (const to of IMAGE_TYPES) {
      const result = await transform(path, [{ op: 'format', type: to, quality: 60 }]);
      expect(result).toMatchObject({ format: to, contentType: CONTENT_TYPES[to], width: 30, height: 20 });
      const { format } = await sharp(outputPath).metadata();
      expect(format).toBe(to === 'avif' ? 'heif' : to);
    }
  }
});

test('quality buys bytes', async () => {
  for (const type of ['jpeg', 'webp', 'avif', 'tiff', 'png'] as const) {
    const sizes: number[] = [];
    for (const quality of [10, 90]) {
      sizes.push(
        (
          await transform(PHOTOGRAPH, [
            { op: 'resize', width: 200 },
            { op: 'format', type, quality },
          ])
        ).bytes,
      );
    }
    expect(sizes[0]).toBeLessThan(sizes[1] ?? 0);
  }
});

test('the orientation is applied, and no metadata is left', async () => {
  const icc = await gradient(40, 20)
    .withMetadata({ orientation: 6, icc: 'p3', exif: { IFD0: { Artist: 'me' } } })
    .jpeg()
    .toBuffer();
  expect(await transform(await put(icc))).toMatchObject({ width: 20, height: 40 });
  const metadata = await sharp(outputPath).metadata();
  expect(metadata).toMatchObject({ width: 20, height: 40 });
  for (const key of ['exif', 'icc', 'xmp', 'iptc', 'orientation'] as const)
    expect(metadata[key]).toBeUndefined();
});

test('colours of another space are shown in sRGB', async () => {
  const red = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#c00000' } })
    .withIccProfile('p3')
    .png()
    .toBuffer();
  await transform(await put(red));
  const [r, g, b] = await sharp(outputPath).raw().toBuffer();
  expect(Math.abs((r ?? 0) - 0xc0)).toBeLessThan(4);
  expect(Math.max(g ?? 255, b ?? 255)).toBeLessThan(24);
});

test('transparency is kept where the type can, white where it cannot', async () => {
  const clear = await sharp({ create: { width: 8, height: 8, channels: 4, background: '#ff000000' } })
    .png()
    .toBuffer();
  const path = await put(clear);
  await transform(path, [{ op: 'flip' }, { op: 'grayscale' }, { op: 'rotate', angle: 90 }]);
  expect(
    [...(await sharp(outputPath).ensureAlpha().raw().toBuffer())].filter((_, index) => index % 4 === 3),
  ).toEqual(Array(64).fill(0));
  await transform(path, [{ op: 'format', type: 'jpeg' }]);
  expect((await sharp(outputPath).raw().toBuffer()).every((value) => value === 255)).toBe(true);
});

test('a photograph with a gain map for bright screens is taken as the plain one that it also is', async () => {
  // sharp documents withGainMap, its types do not know it yet.
  const linear = sharp(PHOTOGRAPH).resize(400).toColourspace('scrgb') as Sharp & { withGainMap(): Sharp };
  const bright = await linear.withGainMap().jpeg().toBuffer();
  expect((await sharp(bright).metadata()).gainMap).toBeDefined();
  await transform(await put(bright), [{ op: 'resize', width: 100 }]);
  expect((await sharp(outputPath).metadata()).gainMap).toBeUndefined();
  const [{ mean = 0 } = {}] = (await sharp(outputPath).stats()).channels;
  const [{ mean: expected = 0 } = {}] = (await sharp(PHOTOGRAPH).resize(100).stats()).channels;
  expect(Math.abs(mean - expected)).toBeLessThan(12);
});

test('grayscale is gray', async () => {
  await transform(PHOTOGRAPH, [
    { op: 'grayscale' },
    { op: 'resize', width: 50 },
    { op: 'format', type: 'png' },
  ]);
  const pixels = await sharp(outputPath).toColourspace('srgb').raw().toBuffer();
  for (let at = 0; at < pixels.length; at += 3)
    expect([pixels[at], pixels[at]]).toEqual([pixels[at + 1], pixels[at + 2]]);
});

test('normalise stretches a dull picture over the whole range', async () => {
  await transform(await put(await gradient(64, 64).grayscale().linear(0.2, 100).png().toBuffer()), [
    { op: 'normalise' },
  ]);
  const { channels } = await sharp(outputPath).stats();
  expect(channels[0]).toMatchObject({
    min: expect.toSatisfy((n) => n < 10),
    max: expect.toSatisfy((n) => n > 230),
  });
});

test('an animation stays one through every operation, with its timing', async () => {
  const delay = [100, 200, 300];
  const operations: Operation[] = [
    { op: 'resize', width: 30, height: 30, fit: 'contain' },
    { op: 'flip' },
    { op: 'rotate', angle: 90 },
    { op: 'rotate', angle: 30 },
    { op: 'blur', sigma: 1 },
    { op: 'sharpen' },
    { op: 'normalise' },
    { op: 'grayscale' },
  ];
  for (const type of ['gif', 'webp'] as const) {
    const path = await put(await animation(40, 20, 3).toFormat(type, { delay, loop: 2 }).toBuffer());
    for (const list of [undefined, operations, ...operations.map((operation) => [operation])]) {
      const result = await transform(path, list);
      expect(result.frames).toBe(3);
      const metadata = await sharp(outputPath).metadata();
      expect(metadata).toMatchObject({
        pages: 3,
        delay,
        loop: 2,
        width: result.width,
        height: result.height,
      });
    }
  }
});

test('an animation becomes a still picture of its first frame in a type that holds one', async () => {
  const path = await put(await animation(40, 20, 3).gif().toBuffer());
  for (const type of ['jpeg', 'png', 'avif', 'tiff'] as const) {
    expect(await transform(path, [{ op: 'format', type }])).toMatchObject({
      width: 40,
      height: 20,
      frames: 1,
    });
  }
});

test('a result that its type cannot hold is refused', async () => {
  const path = await put(await gradient(17_000, 2).png().toBuffer());
  await expect(transform(path, [{ op: 'format', type: 'webp' }])).rejects.toMatchObject({
    code: 'IMAGE_OPERATIONS_INVALID',
  });
});

test('a result of more bytes than allowed is not kept', async () => {
  const failed = engine.processImage({
    inputPath: PHOTOGRAPH,
    outputPath,
    limits: { maxOutputBytes: 1_000 },
  });
  await expect(failed).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE' });
  expect(await readdir(folder)).toEqual([]);
});

test('at level debug the result says what the input was and shows it', async () => {
  const { description } = await engine.processImage({ inputPath: PHOTOGRAPH, outputPath, logLevel: 'debug' });
  expect(description).toMatchObject({
    type: 'jpeg',
    width: 1600,
    height: 1200,
    colourSpace: 'srgb',
    channels: 3,
    depth: 'uchar',
    pages: 1,
    orientation: 1,
  });
  expect(description?.preview).toHaveLength(18);
  expect(description?.preview.every((row) => row.length === 48)).toBe(true);
  const lightness = description?.preview.map((row) => row.replaceAll(/[ .:]/g, '').length) ?? [];
  expect(lightness.slice(0, 4).every((bright) => bright > 24)).toBe(true);
  expect(lightness.slice(-4).every((bright) => bright < 24)).toBe(true);
});

test('errors of the file system are not taken for errors of the image', async () => {
  await expect(transform(join(folder, 'absent'))).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(
    engine.processImage({ inputPath: PHOTOGRAPH, outputPath: join(folder, 'no', 'folder') }),
  ).rejects.toMatchObject({ code: 'ENOENT' });
});

test('the result replaces what was there, and no other file is left', async () => {
  await writeFile(outputPath, 'old');
  await transform(PHOTOGRAPH);
  expect((await readFile(outputPath)).subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
  expect(await readdir(folder)).toEqual(['output']);
});
