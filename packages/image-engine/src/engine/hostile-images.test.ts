import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { IMAGE_TYPES } from '../image-type.ts';
import { type HostileImage, makeHostileImages } from '../testing/hostile-images.ts';
import { gradient } from '../testing/make-images.ts';
import { isRunning } from '../testing/processes.ts';
import { ImageEngine } from './image-engine.ts';

const MEGABYTE = 1024 * 1024;

let folder: string;
let engine: ImageEngine;
let images: readonly Omit<HostileImage, 'bytes'>[];

beforeAll(async () => {
  sharp.cache(false);
  folder = await mkdtemp(join(tmpdir(), 'hostile-'));
  const made = await makeHostileImages();
  for (const [index, { bytes }] of made.entries()) await writeFile(join(folder, `${index}`), bytes);
  images = made.map(({ what, outcome }) => ({ what, outcome }));
});
beforeEach(() => {
  engine = new ImageEngine({ slots: 1 });
});
afterEach(() => engine.close());
afterAll(() => rm(folder, { recursive: true }));

const outcomeOf = async (name: string): Promise<string> => {
  const outputPath = join(folder, 'output');
  const limits = { timeoutMs: 20_000, maxRssBytes: 512 * MEGABYTE };
  try {
    const result = await engine.processImage({
      inputPath: join(folder, name),
      outputPath,
      limits,
      logLevel: 'debug',
    });
    const { width, height } = await sharp(outputPath).metadata();
    expect({ width, height }).toEqual({ width: result.width, height: result.height });
    return 'valid';
  } catch (error) {
    expect(String(error)).not.toContain(folder);
    return (error as { code: string }).code;
  }
};

test('every hostile image fails with its code or gives a valid result, and the service stays as it was', async () => {
  expect(images.length).toBeGreaterThanOrEqual(40);
  const before = process.memoryUsage.rss();
  const seen = new Set<number>();
  const outcomes: Record<string, string> = {};
  for (const [index, { what }] of images.entries()) {
    outcomes[what] = await outcomeOf(`${index}`);
    for (const pid of engine.pids) seen.add(pid);
  }
  expect(outcomes).toEqual(Object.fromEntries(images.map(({ what, outcome }) => [what, outcome])));
  expect(process.memoryUsage.rss() - before).toBeLessThan(64 * MEGABYTE);
  expect((await readdir(folder)).filter((name) => name.endsWith('.partial'))).toEqual([]);
  await engine.close();
  expect([...seen].filter(isRunning)).toEqual([]);
});

test('an image with bytes changed anywhere is damaged or gives a result, and the process survives it', async () => {
  const whole = await Promise.all(IMAGE_TYPES.map((type) => gradient(60, 40).toFormat(type).toBuffer()));
  const change = fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...whole),
      fc.array(change, { minLength: 1, maxLength: 5 }),
      async (bytes, changes) => {
        const copy = Buffer.from(bytes);
        for (const { at, value } of changes) copy[at % copy.length] = value;
        await writeFile(join(folder, 'changed'), copy);
        expect(await outcomeOf('changed')).toBeOneOf([
          'valid',
          'IMAGE_DAMAGED',
          'IMAGE_UNSUPPORTED_TYPE',
          'IMAGE_TOO_LARGE',
        ]);
      },
    ),
    { numRuns: 300 },
  );
});
