import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { multiplyBigInts } from './multiply-bigints.ts';
import { Team } from './team.ts';

/** Transforms of up to 2^17 vectors: products of 160,000 words. */
const LOG_VECTORS = 17;

const ones = (bits: number) => (1n << BigInt(bits)) - 1n;
const single = (bits: number) => 1n << BigInt(bits - 1);
/** The bit pattern `pattern` of `width` bits again and again, `bits` bits in all. */
const repeated = (bits: number, pattern: bigint, width: number) => {
  const text = pattern.toString(2).padStart(width, '0');
  return BigInt(`0b1${text.repeat(Math.ceil(bits / width)).slice(0, bits - 1)}`);
};
let seed = 12345;
const random = (bits: number) => {
  let hex = '1';
  while (hex.length * 4 < bits) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    hex += seed.toString(16).padStart(8, '0').slice(0, 6);
  }
  return BigInt(`0x${hex}`) >> BigInt(hex.length * 4 - bits);
};

describe.each([
  [1, 32],
  [2, 32],
  [3, 32],
  [2, 64],
] as const)('products on %i threads with %i-bit addresses', (threads, addressBits) => {
  let team: Team;
  beforeAll(async () => {
    team = await Team.start({ threads, memoryBytes: 256 * 2 ** 20, addressBits });
    await team.call('prepare', LOG_VECTORS);
  });
  afterAll(() => team.stop());

  const check = async (a: bigint, b: bigint) => {
    const product = await multiplyBigInts(team, a, b);
    expect(product === a * b, `${a.toString(2).length} times ${b.toString(2).length} bits`).toBe(true);
  };

  test('equal those of BigInt for every pair of small sizes', async () => {
    for (let a = 1; a <= 1500; a += 61) for (let b = 1; b <= a; b += 127) await check(random(a), random(b));
  });

  test('equal those of BigInt around every threshold between methods and lengths', async () => {
    for (const words of [
      6, 7, 41, 42, 43, 47, 48, 63, 64, 65, 84, 85, 100, 167, 335, 671, 672, 1007, 1343, 2688, 5375, 8100,
    ]) {
      for (const bits of [words * 64 - 1, words * 64, words * 64 + 1]) {
        await check(random(bits), random(bits));
        await check(random(bits), random(bits >> 1));
        const x = random(bits);
        await check(x, x);
      }
    }
  });

  test('equal those of BigInt for worst-case operands', async () => {
    for (const bits of [640, 3001, 4009, 6001, 40_000, 200_000]) {
      const patterns = [ones(bits), single(bits), repeated(bits, 1n, 2), repeated(bits, 1n, 3)];
      for (const width of [18, 19, 20, 21, 24]) {
        patterns.push(repeated(bits, 1n << BigInt(width - 1), width), repeated(bits, ones(width - 1), width));
      }
      for (const a of patterns) for (const b of [a, ones(bits), patterns.at(-2) ?? a]) await check(a, b);
    }
  });

  test('equal those of BigInt for very different lengths', async () => {
    for (const [a, b] of [
      [1_000_000, 64],
      [1_000_000, 380],
      [1_000_000, 5000],
      [2_000_000, 300_000],
    ] as const) {
      await check(random(a), random(b));
    }
  });

  test('equal those of BigInt for random numbers of random lengths', async () => {
    const number = fc.integer({ min: 1, max: 30_000 }).map(random);
    await fc.assert(fc.asyncProperty(number, number, check), { numRuns: 60 });
  });

  test('are done again when a bit flips in a transform', async () => {
    const a = random(400_000);
    const b = random(400_000);
    const before = team.statistics().repeats;
    team.injectFault(1);
    await check(a, b);
    expect(team.statistics().repeats).toBe(before + 1);
  });

  test('keep the rounding error below the doubtful', () => {
    expect(team.statistics().largestError).toBeLessThan(0.4);
    expect(team.statistics().products).toBeGreaterThan(250);
  });
});

test('a team out of memory says so instead of giving a wrong product', async () => {
  const team = await Team.start({ threads: 1, memoryBytes: 4 * 2 ** 20 });
  await team.call('prepare', 12);
  await expect(multiplyBigInts(team, random(8_000_000), random(8_000_001))).rejects.toThrow('memory');
  await team.stop();
});

test.each([
  ['simd-128', 32],
  ['simd-128', 64],
  ['simd-256', 32],
  ['simd-256', 64],
] as const)(
  'the %s path with %i-bit addresses passes its self-check and agrees with BigInt',
  async (path, addressBits) => {
    const team = await Team.start({ threads: 2, memoryBytes: 256 * 2 ** 20, path, addressBits });
    await team.call('prepare', LOG_VECTORS);
    expect(await team.call('selfCheck')).toBe(1);
    expect(team.statistics()).toEqual({ products: 0, repeats: 0, largestError: 0 });
    for (const bits of [700, 7000, 70_000, 300_000, 700_000]) {
      const a = random(bits);
      const b = random(bits - 300);
      expect((await multiplyBigInts(team, a, b)) === a * b).toBe(true);
      expect((await multiplyBigInts(team, a, a)) === a * a).toBe(true);
    }
    await team.stop();
  },
);
