import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_IMAGE_LIMITS } from '../image-limits.ts';
import { CONTENT_TYPES, IMAGE_TYPES } from '../image-type.ts';
import { animation, gradient } from '../testing/make-images.ts';
import { acceptedType, identifyChunks, identifyImage } from './identify-image.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'identify-'));
});
afterAll(() => rm(folder, { recursive: true }));

const put = async (bytes: Uint8Array): Promise<string> => {
  const path = join(folder, 'image.exe');
  await writeFile(path, bytes);
  return path;
};

test('type and size are read from the content, whatever the name', async () => {
  const side = fc.integer({ min: 1, max: 400 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...IMAGE_TYPES), side, side, async (type, width, height) => {
      const bytes = await gradient(width, height).toFormat(type).toBuffer();
      expect(await identifyImage(await put(bytes))).toMatchObject({
        type,
        contentType: CONTENT_TYPES[type],
        width,
        height,
        bytes: bytes.length,
      });
    }),
    { numRuns: 40 },
  );
});

test.each([
  ['a lossless WebP', () => gradient(37, 21).webp({ lossless: true })],
  ['an extended WebP', () => gradient(37, 21).ensureAlpha(0.5).webp()],
  ['a big TIFF', () => gradient(37, 21).tiff({ bigtiff: true })],
  [
    'a progressive JPEG with metadata',
    () => gradient(37, 21).withMetadata({ orientation: 6 }).jpeg({ progressive: true }),
  ],
  ['an AVIF of several tiles', () => gradient(37, 21).avif({ lossless: true })],
])('%s shows its size', async (_what, make) => {
  const path = await put(await make().toBuffer());
  expect(await identifyImage(path)).toMatchObject({ width: 37, height: 21 });
});

test('an animation shows the size of a frame', async () => {
  for (const type of ['gif', 'webp'] as const) {
    const path = await put(await animation(20, 10, 7).toFormat(type).toBuffer());
    expect(await identifyImage(path)).toMatchObject({ type, width: 20, height: 10 });
  }
});

test('the limits are inclusive and name themselves', async () => {
  const bytes = await gradient(20, 10).png().toBuffer();
  const path = await put(bytes);
  const exact = { ...DEFAULT_IMAGE_LIMITS, maxInputPixels: 200, maxInputBytes: bytes.length };
  expect(await identifyImage(path, exact)).toMatchObject({ type: 'png' });
  await expect(identifyImage(path, { ...exact, maxInputPixels: 199 })).rejects.toMatchObject({
    code: 'IMAGE_TOO_LARGE',
    message: 'The image is 20 x 10, at most 199 pixels are taken.',
  });
  await expect(identifyImage(path, { ...exact, maxInputBytes: bytes.length - 1 })).rejects.toMatchObject({
    code: 'IMAGE_TOO_LARGE',
    fault: 'image',
    retryable: false,
  });
});

test('every file that is cut anywhere is identified or refused with a code', async () => {
  const whole = await Promise.all(IMAGE_TYPES.map((type) => gradient(30, 20).toFormat(type).toBuffer()));
  const cuts = fc
    .constantFrom(...whole)
    .chain((bytes) => fc.nat(bytes.length).map((end) => bytes.subarray(0, end)));
  await fc.assert(
    fc.asyncProperty(cuts, async (bytes) => {
      const outcome = await identifyImage(await put(bytes)).catch(({ code }) => code);
      expect(outcome).toSatisfy(
        (o) => typeof o === 'object' || o === 'IMAGE_DAMAGED' || o === 'IMAGE_UNSUPPORTED_TYPE',
      );
    }),
    { numRuns: 300 },
  );
});

test('every file with bytes changed anywhere is identified or refused with a code, on disk as in memory, in pieces of any size', async () => {
  const whole = await Promise.all(IMAGE_TYPES.map((type) => gradient(30, 20).toFormat(type).toBuffer()));
  const change = fc.record({ at: fc.nat(400), value: fc.integer({ min: 0, max: 255 }) });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...whole),
      fc.array(change, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 600 }),
      async (bytes, changes, pieceBytes) => {
        const copy = Buffer.from(bytes);
        for (const { at, value } of changes) copy[at % copy.length] = value;
        const outcome = await identifyImage(await put(copy)).catch(({ code }) => code);
        expect(outcome).toSatisfy((o) => typeof o === 'object' || /^IMAGE_/.test(String(o)));
        const pieces: Buffer[] = [];
        for (let at = 0; at < copy.length; at += pieceBytes) pieces.push(copy.subarray(at, at + pieceBytes));
        expect(await identifyChunks(pieces).catch(({ code }) => code)).toEqual(outcome);
      },
    ),
    { numRuns: 500 },
  );
});

test('a file that is not there is an error of the file system, not of the image', async () => {
  await expect(identifyImage(join(folder, 'absent'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('an upload can be refused by its first bytes', async () => {
  expect(acceptedType(await gradient(4, 4).webp().toBuffer())).toBe('webp');
  expect(() => acceptedType(Buffer.from('<html>'))).toThrow(
    expect.objectContaining({ code: 'IMAGE_UNSUPPORTED_TYPE' }),
  );
});
