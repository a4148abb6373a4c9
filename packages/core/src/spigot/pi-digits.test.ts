import fc from 'fast-check';
import { expect, test } from 'vitest';
import { piDigitBlocks, piDigits } from './pi-digits.ts';

/** The first `count` digits by Machin's formula in plain fixed point: another series, another way of adding it up. */
function machinDigits(count: number): string {
  const one = 10n ** BigInt(count + 10);
  const arctanOfInverse = (x: bigint): bigint => {
    let power = one / x;
    let sum = power;
    for (let k = 3n; power !== 0n; k += 2n) {
      power /= -x * x;
      sum += power / k;
    }
    return sum;
  };
  return (16n * arctanOfInverse(5n) - 4n * arctanOfInverse(239n)).toString().slice(0, count);
}

function firstDigits(count: number): string {
  let digits = '';
  for (const block of piDigitBlocks()) {
    digits += block;
    if (digits.length >= count) return digits.slice(0, count);
  }
  return digits;
}

test('the digits begin with the known ones', () => {
  expect(firstDigits(51)).toBe('314159265358979323846264338327950288419716939937510');
});

test('the six nines at positions 762 to 767 after the point come out right', () => {
  expect(firstDigits(1000).slice(762, 768)).toBe('999999');
  expect(firstDigits(783).slice(754)).toBe('70721134999999837297804995105');
});

test('the first 5,000 digits are those of a different series', () => {
  expect(firstDigits(5000)).toBe(machinDigits(5000));
});

test('single digits and blocks are the same stream', () => {
  const single = piDigits().take(3000).toArray().join('');
  expect(single).toBe(firstDigits(3000));
});

test('however many digits are taken, they are a prefix of those of a longer run', () => {
  const long = firstDigits(3000);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2500 }), (count) => {
      expect(piDigits().take(count).toArray().join('')).toBe(long.slice(0, count));
    }),
    { numRuns: 30 },
  );
});
