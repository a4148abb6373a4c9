import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitTerms, termsForDigits } from './chudnovsky-terms.ts';

/** P, Q and T of a stretch straight from their definition, term by term. */
function addTerms(from: number, to: number): { p: bigint; q: bigint; t: bigint } {
  let [p, q, t] = [1n, 1n, 0n];
  for (let i = from; i < to; i++) {
    const k = BigInt(i);
    const ownQ = i === 0 ? 1n : (k * k * k * 640_320n ** 3n) / 24n;
    p *= i === 0 ? 1n : -(6n * k - 5n) * (2n * k - 1n) * (6n * k - 1n);
    t = t * ownQ + p * (13_591_409n + 545_140_134n * k);
    q *= ownQ;
  }
  return { p, q, t };
}

test('splitting a stretch of terms gives the same as adding them one by one', () => {
  const stretch = fc.tuple(
    fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 15_999_000 })),
    fc.integer({ min: 1, max: 60 }),
  );
  fc.assert(
    fc.property(stretch, fc.boolean(), ([from, count], withP) => {
      const expected = addTerms(from, from + count);
      expect(splitTerms(from, from + count, withP)).toEqual({
        ...expected,
        p: withP ? expected.p : undefined,
      });
    }),
  );
});

test('the first terms that a count of digits asks for have an error below one unit of the last', () => {
  for (const digits of [1, 14, 15, 100, 1000]) {
    const terms = termsForDigits(digits);
    const short = splitTerms(0, terms, false);
    const long = splitTerms(0, terms + 10, false);
    // |Q/T - Q'/T'| * 10^digits < |Q/T|
    const difference = short.q * long.t - long.q * short.t;
    expect((difference < 0n ? -difference : difference) * 10n ** BigInt(digits)).toBeLessThan(
      short.q * long.t,
    );
  }
});
