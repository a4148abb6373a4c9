import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bellardSum } from './bellard-sum.ts';
import { hexFractionOfPi } from './hex-fraction.ts';

const unaborted = { threads: 2, signal: new AbortController().signal };

/** The first hexadecimal digits of the fraction. */
function hex(fraction: number, digits = 9): string {
  return Math.floor(fraction * 16 ** digits)
    .toString(16)
    .padStart(digits, '0');
}

test.each([
  // Bailey, Borwein and Plouffe, "On the rapid computation of various polylogarithmic constants", 1997, table 2.
  [0, '243f6a888'],
  [999_999, '26c65e52c'],
])('after %i hexadecimal places pi goes on with %s', async (position, expected) => {
  expect(hex(await hexFractionOfPi(position, unaborted))).toBe(expected);
});

/** One term of Bellard's formula after `position` places, modulo 1, by exact integers. */
function exactTerm(position: number, k: number): number {
  const powerMod = (exponent: bigint, modulus: bigint): bigint => {
    let result = 1n;
    for (const bit of exponent.toString(2)) {
      result = (result * result * (bit === '1' ? 2n : 1n)) % modulus;
    }
    return result;
  };
  const K = BigInt(k);
  const exponent = 4n * BigInt(position) - 6n - 10n * K;
  const parts = [
    [-32n, 4n * K + 1n],
    [-1n, 4n * K + 3n],
    [256n, 10n * K + 1n],
    [-64n, 10n * K + 3n],
    [-4n, 10n * K + 5n],
    [-4n, 10n * K + 7n],
    [1n, 10n * K + 9n],
  ] as const;
  let sum = 0n;
  for (const [numerator, m] of parts) sum += (((numerator * powerMod(exponent, m)) % m) << 64n) / m;
  return Number(BigInt.asUintN(64, k % 2 === 0 ? sum : -sum)) / 2 ** 64;
}

test('every term is exact up to the rounding of doubles, at any size of the denominators', () => {
  const places = fc
    .oneof(
      fc.integer({ min: 10, max: 2 ** 20 }),
      fc.integer({ min: 2 ** 20, max: 2 ** 28 }),
      fc.integer({ min: 2 ** 28, max: 10 ** 9 }),
    )
    .chain((position) =>
      fc.tuple(fc.constant(position), fc.integer({ min: 0, max: Math.floor((4 * position - 6) / 10) })),
    );
  fc.assert(
    fc.property(places, ([position, k]) => {
      const distance = Math.abs(bellardSum(position, k, k + 1) - exactTerm(position, k));
      expect(Math.min(distance, 1 - distance)).toBeLessThan(2e-15);
    }),
    { numRuns: 2000 },
  );
});
