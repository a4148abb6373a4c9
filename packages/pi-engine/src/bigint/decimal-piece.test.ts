import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bitsForDigits, decimalPiece } from './decimal-piece.ts';

test('pieces put together are the whole fixed-point number in decimal, and the rest is what is left below', () => {
  const cases = fc
    .integer({ min: 1, max: 400 })
    .chain((digits) =>
      fc.tuple(
        fc.constant(digits),
        fc.bigInt({ min: 0n, max: 10n * (1n << BigInt(bitsForDigits(digits))) - 1n }),
        fc.array(fc.integer({ min: 0, max: digits }), { maxLength: 4 }),
      ),
    );
  fc.assert(
    fc.property(cases, ([digits, x, cuts]) => {
      const bits = bitsForDigits(digits);
      const bounds = [...new Set([0, ...cuts, digits])].sort((a, b) => a - b);
      let text = '';
      for (const [i, from] of bounds.slice(0, -1).entries()) {
        const to = bounds[i + 1] ?? digits;
        const { value, rest, restBits } = decimalPiece(x, bits, from, to);
        text += value.toString().padStart(to - from, '0');
        if (to === digits) {
          expect(x * 5n ** BigInt(digits - 1)).toBe((BigInt(text) << BigInt(restBits)) + rest);
        }
      }
      expect(BigInt(text)).toBe((x * 10n ** BigInt(digits - 1)) >> BigInt(bits));
      expect(text).toHaveLength(digits);
    }),
  );
});
