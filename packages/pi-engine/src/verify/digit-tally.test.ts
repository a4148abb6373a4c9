import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DigitTally } from './digit-tally.ts';

test('counts and hash do not depend on how the digits are cut into chunks', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^3[0-9]{0,60}$/),
      fc.array(fc.integer({ min: 0, max: 20 })),
      (digits, cuts) => {
        const tally = new DigitTally();
        let start = 0;
        for (const length of [...cuts, digits.length]) {
          tally.add(Buffer.from(digits.slice(start, start + length)));
          start += length;
        }
        const { sha256, digitCounts } = tally.result();
        const text = digits.length === 1 ? '3' : `3.${digits.slice(1)}`;
        expect(sha256).toBe(createHash('sha256').update(text).digest('hex'));
        for (let d = 0; d < 10; d++) expect(digitCounts[d]).toBe(digits.split(String(d)).length - 1);
      },
    ),
  );
});
