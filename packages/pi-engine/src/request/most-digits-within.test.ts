import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mostDigitsWithin } from './most-digits-within.ts';

test('one digit more than what fits does not fit', () => {
  fc.assert(
    fc.property(
      fc.nat(1e9),
      fc.integer({ min: 1, max: 100 }),
      fc.nat(1e12),
      (base, perDigit, memoryBytes) => {
        const engine = { estimateMemoryBytes: (digits: number) => base + digits * perDigit };
        const most = mostDigitsWithin(engine, memoryBytes, 1);
        expect(most).toBe(Math.max(0, Math.floor((memoryBytes - base) / perDigit)));
      },
    ),
  );
});
