import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countCertainDigits } from './certain-digits.ts';

function certainPart(digits: string, uncertainty: number): string {
  return digits.slice(0, countCertainDigits(Buffer.from(digits), uncertainty));
}

test('all but the last fifteen digits are certain when these decide', () => {
  expect(certainPart('3141592653589793238462643383', 4)).toBe('3141592653589');
});

test('a run of nines at the end that a carry would go through is held back with the digit before it', () => {
  expect(certainPart('31415926134999999999999999999998', 4)).toBe('3141592613');
});

test('a run of zeros at the end that a borrow would go through is held back with the digit before it', () => {
  expect(certainPart('31415926134000000000000000000003', 4)).toBe('3141592613');
});

test('nothing is certain of digits that are all nines', () => {
  expect(certainPart('9'.repeat(40), 2)).toBe('');
  expect(certainPart('999', 2)).toBe('');
});

test('whatever the true number is, the certain digits are its own', () => {
  const digit = fc.integer({ min: 0, max: 9 }).map(String);
  const run = fc
    .tuple(fc.constantFrom('0', '9', '4'), fc.integer({ min: 0, max: 25 }))
    .map(([d, n]) => d.repeat(n));
  const digits = fc
    .tuple(fc.array(digit, { minLength: 1, maxLength: 30 }), run, fc.array(digit, { maxLength: 5 }))
    .map(([head, middle, tail]) => `3${head.join('')}${middle}${tail.join('')}`);
  fc.assert(
    fc.property(
      digits,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: -9, max: 9 }),
      (approximation, uncertainty, offset) => {
        fc.pre(Math.abs(offset) < uncertainty);
        const truth = (BigInt(approximation) + BigInt(offset)).toString().padStart(approximation.length, '0');
        fc.pre(truth.length === approximation.length);
        expect(truth.startsWith(certainPart(approximation, uncertainty))).toBe(true);
      },
    ),
    { numRuns: 2000 },
  );
});
