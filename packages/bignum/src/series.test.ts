import { afterAll, beforeAll, expect, test } from 'vitest';
import { readWords } from './bigint-words.ts';
import { Team } from './team.ts';
import { WholeNumbers } from './whole-numbers.ts';

/** 4,940 terms; the first of their four subtrees is short enough that nothing is cut off. */
const decimals = 70_000;
const lastTerm = 1234;

let team: Team;
beforeAll(async () => {
  team = await Team.start({ threads: 1, memoryBytes: 64 * 2 ** 20 });
  await team.call('prepare', 14);
});
afterAll(() => team.stop());

/** |T|, Q and P of the first subtree. */
async function firstSubtree(): Promise<bigint[]> {
  await team.call('openPi', decimals, 1);
  await team.call('stepSeries');
  const ranges = new WholeNumbers(team).ranges();
  expect(ranges).toMatchObject([{ first: 0, count: 1, exponent: 0 }]);
  return (ranges[0]?.numbers ?? []).map(({ address, words }) =>
    readWords(new BigUint64Array(team.buffer, address, words)),
  );
}

/** The same of terms 1 to `last`, from their definition. */
function plainSums(last: number): [t: bigint, q: bigint, p: bigint] {
  let [t, q, p] = [0n, 1n, 1n];
  for (let k = 1n; k <= last; k++) {
    const factor = k ** 3n * 10939058860032000n;
    p *= (6n * k - 5n) * (2n * k - 1n) * (6n * k - 1n);
    q *= factor;
    t = t * factor + (k % 2n === 1n ? p : -p) * (13591409n + 545140134n * k);
  }
  return [t, q, p];
}

const bits = (value: bigint) => value.toString(2).length;

test('T / Q and P / Q of a subtree are those of its terms, and a sixth of Q and a quarter of P are divided out', async () => {
  const [t = 0n, q = 0n, p = 0n] = await firstSubtree();
  const [plainT, plainQ, plainP] = plainSums(lastTerm);
  expect(t * plainQ === plainT * q).toBe(true);
  expect(p * plainQ === plainP * q).toBe(true);
  expect(bits(q)).toBeLessThan((bits(plainQ) * 5) / 6);
  expect(bits(p)).toBeLessThan((bits(plainP) * 3) / 4);
});

test('after every step what is told to be whole are the ranges from the first term on, side by side, with their residues', async () => {
  await team.call('openPi', decimals, 1);
  const counts: number[][] = [];
  for (let more = 1; more === 1; ) {
    more = await team.call('stepSeries');
    const ranges = new WholeNumbers(team).ranges();
    counts.push(ranges.map(({ count }) => count));
    let next = 0;
    for (const { first, count, numbers } of ranges) {
      expect(first).toBe(next);
      next += count;
      for (const { address, words, residue } of numbers)
        expect(readWords(new BigUint64Array(team.buffer, address, words)) % (2n ** 61n - 1n)).toBe(residue);
    }
  }
  expect(counts).toEqual([[1], [1, 1], [2], [2, 1], [2, 1, 1], [2, 2], [4]]);
});
