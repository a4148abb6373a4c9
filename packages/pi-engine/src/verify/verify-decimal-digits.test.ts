import { expect, test } from 'vitest';
import { referenceDigits } from '../testing/run-engine.ts';
import { verifyDecimalDigits } from './verify-decimal-digits.ts';

const request = { threads: 1, signal: new AbortController().signal };

test('every prefix of pi is right, and says by which hexadecimal digits', async () => {
  const digits = referenceDigits(3000);
  for (let count = 1; count <= 200; count++) await verifyDecimalDigits(digits.slice(0, count), request);
  expect(await verifyDecimalDigits(digits, request)).toMatchObject({
    hexPosition: 2476,
    hexTail: expect.stringMatching(/^[0-9a-f]{8}$/),
  });
});

test('a wrong digit anywhere but in the last few is found', async () => {
  const digits = referenceDigits(500);
  for (let i = 0; i < 470; i++) {
    const wrong = digits.slice(0, i) + ((Number(digits[i]) + 1) % 10) + digits.slice(i + 1);
    await expect(verifyDecimalDigits(wrong, request)).rejects.toThrow(/verification failed/);
  }
});
