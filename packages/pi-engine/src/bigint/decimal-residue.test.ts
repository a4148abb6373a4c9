import fc from 'fast-check';
import { expect, test } from 'vitest';
import { residueModulus, residueOfDigits, residueOfInteger } from './decimal-residue.ts';

test('the residue of digits is that of the number that they write', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 200n }), fc.integer({ min: 0, max: 7 }), (value, zeros) => {
      const text = '0'.repeat(zeros) + value.toString();
      expect(residueOfDigits(Buffer.from(text))).toBe(Number(value % BigInt(residueModulus)));
      expect(residueOfInteger(value)).toBe(Number(value % BigInt(residueModulus)));
    }),
  );
});
