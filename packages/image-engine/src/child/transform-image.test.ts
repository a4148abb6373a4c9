import fc from 'fast-check';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import type { Operation } from '../operations.ts';
import { gradientPixels } from '../testing/make-images.ts';
import { measureOperation, type Size } from './measure-operation.ts';
import { frameOf, fromPixels, type PixelSource, type RawPixels, readPixels } from './pixel-source.ts';
import { planStages, type Stage } from './plan-stages.ts';
import { transformImage } from './transform-image.ts';

beforeAll(() => {
  sharp.cache(false);
});

const LIMIT = 10_000_000;

const picture = (width: number, height: number, frames = 1): RawPixels => ({
  data: gradientPixels(width, height, frames),
  width,
  height,
  frames,
  channels: 3,
});

const transformSource = async (source: PixelSource, stages: readonly Stage[]): Promise<RawPixels> =>
  transformImage(source, stages, LIMIT).then((pipeline) => readPixels(pipeline, source.frames));

const transform = (pixels: RawPixels, stages: readonly Stage[]): Promise<RawPixels> =>
  transformSource(fromPixels(pixels), stages);

/** What is seen on white, so that the colours of transparent pixels do not count. */
const onWhite = (pixels: RawPixels): Promise<RawPixels> =>
  readPixels(fromPixels(pixels).open().flatten({ background: 'white' }), pixels.frames);

/** Of two roundings of a scaled gradient; another picture differs by tens. */
const SAME = 8;

const difference = async (one: RawPixels, other: RawPixels): Promise<number> => {
  const [a, b] = [(await onWhite(one)).data, (await onWhite(other)).data];
  return a.reduce((sum, value, index) => sum + Math.abs(value - (b[index] ?? 0)), 0) / a.length;
};

const side = fc.integer({ min: 24, max: 64 });
const exact = fc.oneof(
  fc.constantFrom<Operation[]>({ op: 'flip' }, { op: 'flop' }),
  fc.constantFrom(90, 180, 270, -90, 0).map((angle): Operation => ({ op: 'rotate', angle })),
  side.map((width): Operation => ({ op: 'resize', width })),
  fc
    .record({
      width: side,
      height: side,
      fit: fc.constantFrom('cover', 'contain', 'fill', 'inside', 'outside'),
    })
    .map((resize): Operation => ({ op: 'resize', ...resize })),
  fc.constant<Operation>({ op: 'crop', left: 1, top: 2, width: 5, height: 4 }),
  fc.double({ min: 0.3, max: 2, noNaN: true }).map((sigma): Operation => ({ op: 'blur', sigma })),
);
const slanted = fc
  .double({ min: -360, max: 360, noNaN: true })
  .map((angle): Operation => ({ op: 'rotate', angle }));
const any = fc.oneof({ weight: 6, arbitrary: exact }, { weight: 1, arbitrary: slanted });

test('a plan of few passes gives what one pass for each operation gives', async () => {
  await fc.assert(
    fc.asyncProperty(
      side,
      side,
      fc.array(any, { minLength: 1, maxLength: 6 }),
      async (width, height, operations) => {
        const { stages } = planStages(operations);
        const one = await transform(picture(width, height), stages).catch(({ code }) => code);
        const each = await transform(
          picture(width, height),
          stages.flat().map((operation) => [operation]),
        ).catch(({ code }) => code);
        if (typeof one === 'string') {
          expect(one).toBe(each);
          return;
        }
        expect(one).toMatchObject({ width: each.width, height: each.height, channels: each.channels });
        expect(await difference(one, each)).toBeLessThan(SAME);
      },
    ),
    { numRuns: 150 },
  );
});

test('the measured size is the one that comes out, give or take a rounding', async () => {
  await fc.assert(
    fc.asyncProperty(side, side, exact, async (width, height, operation) => {
      const [stage] = planStages([operation]).stages;
      if (!stage) return;
      const result = await transform(picture(width, height), [stage]);
      const measured = stage.reduce<Size>((size, step) => measureOperation(step, size), { width, height });
      expect(Math.abs(result.width - measured.width)).toBeLessThanOrEqual(1);
      expect(Math.abs(result.height - measured.height)).toBeLessThanOrEqual(1);
    }),
    { numRuns: 200 },
  );
});

test('the measured size of a slanted turn is never too small, and at most two pixels too large', async () => {
  await fc.assert(
    fc.asyncProperty(
      side,
      side,
      fc.double({ min: -360, max: 360, noNaN: true }),
      async (width, height, angle) => {
        const operation: Operation = { op: 'rotate', angle };
        const { width: w, height: h } = await transform(picture(width, height), [[operation]]);
        const measured = measureOperation(operation, { width, height });
        expect(measured.width - w).toBeOneOf([0, 1, 2]);
        expect(measured.height - h).toBeOneOf([0, 1, 2]);
      },
    ),
    { numRuns: 150 },
  );
});

test('an animation is changed frame by frame, as each frame would be alone', async () => {
  const operations = fc.array(any, { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(side, side, operations, async (width, height, list) => {
      const { stages } = planStages(list);
      const pixels = picture(width, height, 3);
      const together = await transform(pixels, stages).catch(({ code }) => code);
      for (const index of [0, 1, 2]) {
        const alone = await transform(frameOf(pixels, index), stages).catch(({ code }) => code);
        if (typeof together === 'string') {
          expect(alone).toBe(together);
          return;
        }
        expect({ width: alone.width, height: alone.height }).toEqual({
          width: together.width,
          height: together.height,
        });
        expect(await difference(frameOf(together, index), alone)).toBe(0);
      }
    }),
    { numRuns: 100 },
  );
});

test('normalise looks at all frames of an animation, whatever was done to each before', async () => {
  const [width, height, frames] = [40, 40, 2];
  const darkThenBright = Buffer.alloc(width * height * frames * 3);
  darkThenBright.fill(50, 0, darkThenBright.length / 2).fill(200, darkThenBright.length / 2);
  const pixels: RawPixels = { data: darkThenBright, width, height, frames, channels: 3 };
  const operations: Operation[] = [{ op: 'resize', width: 20 }, { op: 'normalise' }];
  const result = await transform(pixels, planStages(operations).stages);
  expect(frameOf(result, 0).data.every((value) => value < 10)).toBe(true);
  expect(frameOf(result, 1).data.every((value) => value > 245)).toBe(true);
});

test('an image with an orientation is changed as its upright self is', async () => {
  const orientation = fc.integer({ min: 1, max: 8 });
  const operations = fc.array(any, { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(side, side, orientation, operations, async (width, height, turned, list) => {
      const { stages } = planStages(list);
      const file = await fromPixels(picture(width, height))
        .open()
        .withMetadata({ orientation: turned })
        .tiff({ compression: 'none' })
        .toBuffer();
      const open = () => sharp(file, { autoOrient: true });
      const upright = await readPixels(open(), 1);
      const expected = await transform(upright, stages).catch(({ code }) => code);
      const source = { width: upright.width, height: upright.height, frames: 1, open };
      const actual = await transformSource(source, stages).catch(({ code }) => code);
      if (typeof expected === 'string') {
        expect(actual).toBe(expected);
        return;
      }
      expect(actual).toMatchObject({ width: expected.width, height: expected.height });
      expect(await difference(actual, expected)).toBeLessThan(SAME);
    }),
    { numRuns: 150 },
  );
});

test('the order of the operations is the order of the list', async () => {
  const corner: Operation = { op: 'crop', left: 0, top: 0, width: 10, height: 10 };
  const turn: Operation = { op: 'rotate', angle: 180 };
  const first = (await transform(picture(40, 40), planStages([corner, turn]).stages)).data;
  const second = (await transform(picture(40, 40), planStages([turn, corner]).stages)).data;
  expect(first[0]).toBeLessThan(64);
  expect(second[0]).toBeGreaterThan(190);
});

test('a crop beyond the image is refused with what the image is there', async () => {
  const operations: Operation[] = [
    { op: 'resize', width: 20 },
    { op: 'crop', left: 15, top: 0, width: 6, height: 1 },
  ];
  await expect(transform(picture(40, 40), planStages(operations).stages)).rejects.toMatchObject({
    code: 'IMAGE_OPERATIONS_INVALID',
    message: 'crop: 6 x 1 at 15, 0 reaches beyond the image, which is 20 x 20 there.',
  });
});

test('operations that would blow the image up are refused before they are done', async () => {
  const operations: Operation[] = [
    { op: 'resize', width: 16_383, height: 16_383 },
    { op: 'resize', width: 2 },
  ];
  await expect(transform(picture(40, 40), planStages(operations).stages)).rejects.toMatchObject({
    code: 'IMAGE_TOO_LARGE',
    message: `resize would make the image 16383 x 16383, at most ${LIMIT} pixels are made.`,
  });
});
