import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readWords } from './bigint-words.ts';
import { seriesSteps } from './exports.ts';
import { Team } from './team.ts';
import { WholeNumbers } from './whole-numbers.ts';

/** Prime powers up to here are taken out of the terms. */
const limit = 1024;

let team: Team;
let mark: number;
beforeAll(async () => {
  team = await Team.start({ threads: 1, memoryBytes: 64 * 2 ** 20 });
  await team.call('prepare', 14);
  mark = await team.call('stackTop');
});
afterAll(() => team.stop());

interface Sums {
  readonly t: bigint;
  readonly q: bigint;
  readonly p: bigint;
}

async function computedSums(from: number, to: number): Promise<Sums> {
  await team.call('release', mark);
  const places = [...new BigUint64Array(team.buffer, await team.call('sumTerms', from, to), 6)].map(Number);
  const [t = 0n, q = 0n, p = 0n] = [0, 2, 4].map((at) =>
    readWords(new BigUint64Array(team.buffer, places[at] ?? 0, places[at + 1])),
  );
  return { t, q, p };
}

/** The same from their definition, with nothing taken out. */
function plainSums(from: number, to: number): Sums {
  const [start, end] = [BigInt(from), BigInt(to)];
  let [t, q, p] = [0n, 1n, 1n];
  for (let k = start; k < end; k++) {
    const factor = k ** 3n * 10939058860032000n;
    p *= (6n * k - 5n) * (2n * k - 1n) * (6n * k - 1n);
    q *= factor;
    t = t * factor + ((k - start) % 2n === 0n ? p : -p) * (13591409n + 545140134n * k);
  }
  return { t, q, p };
}

/** From 7 on, but for those that 640320 has. */
const primes = Array.from({ length: limit }, (_, index) => index).filter(
  (n) =>
    n > 6 &&
    n !== 23 &&
    n !== 29 &&
    [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31].every((d) => n === d || n % d > 0),
);

/** What has been taken out up to term k, from factorials: the powers in (6k)! / ((3k)! k!^3). */
function weight(k: number): bigint {
  let product = 1n;
  for (const prime of primes)
    for (let power = prime; power <= limit; power *= prime) {
      const times = Math.floor((6 * k) / power) - Math.floor((3 * k) / power) - 3 * Math.floor(k / power);
      product *= BigInt(prime) ** BigInt(times);
    }
  return product;
}

async function expectSums(from: number, to: number): Promise<void> {
  const sums = await computedSums(from, to);
  const plain = plainSums(from, to);
  const before = weight(from - 1);
  expect(sums.t * plain.q === before * plain.t * sums.q).toBe(true);
  expect(weight(to - 1) * sums.p * plain.q === before * plain.p * sums.q).toBe(true);
}

test('sums of few terms, leaves, blocks and more from the first term on are those of their terms', async () => {
  for (const last of [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 100, 1023, 1280, 1281, 2000])
    await expectSums(1, last + 1);
});

test('so are sums from any term on, where words get full and where prime powers meet', async () => {
  const starts = [
    2, 7, 342, 343, 344, 1023, 635_000, 2_642_240, 1_000_000, 10_000_000, 70_510_000, 300_000_000,
  ];
  const start = fc.oneof(fc.constantFrom(...starts), fc.integer({ min: 1, max: 3e8 }));
  await fc.assert(
    fc.asyncProperty(
      start,
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 1, max: 500 }),
      (from, skipped, count) => expectSums(from + skipped, from + skipped + count),
    ),
    { numRuns: 40 },
  );
});

test('a quarter of Q and a third of P are taken out of a block', async () => {
  const bits = (value: bigint) => value.toString(2).length;
  const [sums, plain] = [await computedSums(1, 1281), plainSums(1, 1281)];
  expect(bits(sums.q)).toBeLessThan((bits(plain.q) * 3) / 4);
  expect(bits(sums.p)).toBeLessThan((bits(plain.p) * 2) / 3);
});

test.each([
  ['a block', 1, 1, [[1], [1, 1], [2], [2, 1], [2, 1, 1], [2, 2], [4]]],
  [
    'a subtree or merge of a block',
    0,
    2,
    // When the last is taken, those of other threads are awaited.
    [[1], [1, 1], [1, 1], [2], [2, 1], [2, 1, 1], [2, 1, 1], [2, 2], [4]],
  ],
])(
  'after every step, be it %s, what is told to be whole are the ranges from the first term on, side by side, with their residues',
  async (_, wholeBlock, subtreesPerThread, expected) => {
    await team.call('release', mark);
    // Of 1,553 terms, which are four subtrees.
    await team.call('openPi', 22_000, subtreesPerThread);
    const counts: number[][] = [];
    for (let next: number = seriesSteps.block; next !== seriesSteps.none; ) {
      next = await team.call('stepSeries', wholeBlock);
      const ranges = new WholeNumbers(team).ranges();
      counts.push(ranges.map(({ count }) => count));
      let end = 0;
      for (const { first, count, numbers } of ranges) {
        expect(first).toBe(end);
        end += count;
        for (const { address, words, residue } of numbers)
          expect(readWords(new BigUint64Array(team.buffer, address, words)) % (2n ** 61n - 1n)).toBe(residue);
      }
    }
    expect(counts).toEqual(expected);
  },
);
