import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readWords } from './bigint-words.ts';
import { Team } from './team.ts';

const lanes = 4;
const half = 2 ** 23;
/** What is left over from carries may stand in a digit besides. */
const most = half + 33;

describe.each(['simd-128', 'simd-256'] as const)('four numbers side by side, %s', (path) => {
  let team: Team;
  let mark: number;
  beforeAll(async () => {
    team = await Team.start({ threads: 1, memoryBytes: 16 * 2 ** 20, path });
    await team.call('prepare', 10);
    mark = await team.call('stackTop');
  });
  afterAll(() => team.stop());

  const shapeOf = (address: number) => {
    const [digits = 0, count = 0] = new Uint32Array(team.buffer, address, 2);
    return new Float64Array(team.buffer, digits, count * lanes);
  };
  const read = (address: number): bigint[] => {
    const digits = shapeOf(address);
    const values: bigint[] = Array(lanes).fill(0n);
    for (let at = digits.length - 1; at >= 0; at--) {
      const digit = digits[at] ?? Number.NaN;
      expect(Math.abs(digit)).toBeLessThanOrEqual(most);
      values[at % lanes] = ((values[at % lanes] ?? 0n) << 24n) + BigInt(digit);
    }
    return values;
  };
  const write = async (digits: readonly number[]): Promise<number> => {
    const count = Math.floor(digits.length / lanes);
    const address = await team.call('newLanes', count);
    const shape = new Uint32Array(team.buffer, address, 2);
    shape[1] = count;
    // Zeros on both sides.
    const place = new Float64Array(team.buffer, (shape[0] ?? 0) - 128, (count + 8) * lanes).fill(0);
    place.set(digits.slice(0, count * lanes), 16);
    return address;
  };
  const writeWords = async (words: readonly bigint[]): Promise<number> => {
    const address = await team.call('allocate', 8 * words.length);
    new BigInt64Array(team.buffer, address, words.length).set(words);
    return address;
  };

  const digit = fc.oneof(
    fc.constantFrom(0, most, -most, half - 1, 1, -1),
    fc.integer({ min: -half, max: half }),
  );
  const numbers = fc
    .tuple(
      fc.integer({ min: 0, max: 70 }),
      fc.oneof(fc.constant(undefined), fc.constantFrom(0, most, 1 - most)),
      fc.infiniteStream(digit),
    )
    .map(([count, all, stream]) =>
      Array.from({ length: count * lanes }, () => all ?? (stream.next().value as number)),
    );

  test('sums of two products are those of BigInt, however many digits, also where all are as large as they get', async () => {
    await fc.assert(
      fc.asyncProperty(numbers, numbers, numbers, numbers, async (...factors) => {
        await team.call('release', mark);
        const [a = 0, b = 0, c = 0, d = 0] = [
          await write(factors[0]),
          await write(factors[1]),
          await write(factors[2]),
          await write(factors[3]),
        ];
        const result = await team.call('newLanes', 150);
        await team.call('sumProducts', result, a, b, c, d);
        const [x, y, z, w] = [read(a), read(b), read(c), read(d)];
        expect(read(result)).toEqual(
          x.map((value, lane) => value * (y[lane] ?? 0n) + (z[lane] ?? 0n) * (w[lane] ?? 0n)),
        );
      }),
      { numRuns: 60 },
    );
  });

  test('a sum of more of the largest digits than a double can hold is exact', async () => {
    await team.call('release', mark);
    const full = (count: number) => write(Array(count * lanes).fill(most - 1));
    const [a, b] = [await full(70), await full(69)];
    const result = await team.call('newLanes', 150);
    await team.call('sumProducts', result, a, a, b, b);
    const [x = 0n, y = 0n] = [read(a)[0], read(b)[0]];
    expect(read(result)).toEqual(Array(lanes).fill(x * x + y * y));
  });

  const limit = 2n ** 62n;
  const word = fc.oneof(
    fc.constantFrom(0n, 1n, -1n, limit - 1n, 1n - limit, 2n ** 23n, 2n ** 47n, 2n ** 47n - 1n, -(2n ** 47n)),
    fc.bigInt({ min: 1n - limit, max: limit - 1n }),
  );
  const four = fc.array(word, { minLength: lanes, maxLength: lanes });

  test('words of 62 bits and a sign are taken apart, multiplied, and put together again as they were', async () => {
    await fc.assert(
      fc.asyncProperty(four, four, async (x, y) => {
        await team.call('release', mark);
        const result = await team.call('newLanes', 6);
        const [xs, ys] = [await writeWords(x), await writeWords(y)];
        await team.call('setLanes', result, xs);
        expect(read(result)).toEqual(x);
        await team.call('multiplyLanes', result, xs, ys);
        const products = x.map((value, lane) => value * (y[lane] ?? 0n));
        expect(read(result)).toEqual(products);
        const places = await team.call('allocate', 2 * 80);
        for (const lane of [0, 2]) {
          const pair = products.slice(lane, lane + 2);
          if (pair.some((value) => value < 0n)) continue;
          new BigUint64Array(team.buffer, places, 20).fill(0n);
          await team.call('takeLanes', result, lane, places, places + 80);
          expect([0, 80].map((at) => readWords(new BigUint64Array(team.buffer, places + at, 3)))).toEqual(
            pair,
          );
        }
      }),
      { numRuns: 60 },
    );
  });
});
