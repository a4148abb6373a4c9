import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bitLength, inverseSquareRoot, quotient, reciprocal } from './fixed-point.ts';

const bitCount = fc.integer({ min: 1, max: 30_000 });

/** Numbers of exactly `bits` bits: random ones, and the extremes of their length. */
function numberOfBits(bits: number): fc.Arbitrary<bigint> {
  const least = 1n << BigInt(bits - 1);
  return fc.oneof(
    fc.bigInt({ min: least, max: 2n * least - 1n }),
    fc.constantFrom(least, 2n * least - 1n, least | 1n, least + (least >> 1n)),
  );
}

function distance(a: bigint, b: bigint): bigint {
  return a < b ? b - a : a - b;
}

test('the bit length is that of the binary text', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 1n << 300n }), (value) => {
      expect(bitLength(value)).toBe(value.toString(2).length);
      expect(bitLength(-value)).toBe(value.toString(2).length);
    }),
  );
  expect(bitLength(0n)).toBe(0);
});

test('a reciprocal is off by less than 4, whatever the lengths of divisor and result', () => {
  const cases = fc
    .tuple(bitCount, bitCount)
    .chain(([divisorBits, bits]) => fc.tuple(numberOfBits(divisorBits), fc.constant(bits)));
  fc.assert(
    fc.property(cases, ([divisor, bits]) => {
      const exact = (1n << BigInt(bitLength(divisor) + bits)) / divisor;
      expect(distance(reciprocal(divisor, bitLength(divisor), bits), exact)).toBeLessThan(5n);
    }),
    { numRuns: 300 },
  );
});

test('a quotient has a relative error below 2^(4 - bits)', () => {
  const cases = fc
    .tuple(bitCount, fc.integer({ min: 64, max: 30_000 }))
    .chain(([divisorBits, bits]) =>
      fc.tuple(numberOfBits(divisorBits + 24), numberOfBits(divisorBits), fc.constant(bits)),
    );
  fc.assert(
    fc.property(cases, ([divisor, numerator, bits]) => {
      const exact = (numerator << BigInt(bits)) / divisor;
      const allowed = 2n + (exact >> BigInt(bits - 4));
      expect(distance(quotient(numerator, divisor, bits), exact)).toBeLessThanOrEqual(allowed);
    }),
    { numRuns: 300 },
  );
});

test('an inverse square root is off by less than 4', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 20 }), bitCount, (value, bits) => {
      const root = inverseSquareRoot(value, bits);
      // root - 4 < 2^bits / sqrt(value) < root + 4, squared and without the division.
      const target = 1n << BigInt(2 * bits);
      const below = root > 4n ? root - 4n : 0n;
      expect(below * below * BigInt(value)).toBeLessThanOrEqual(target);
      expect((root + 4n) * (root + 4n) * BigInt(value)).toBeGreaterThan(target);
    }),
    { numRuns: 300 },
  );
});
