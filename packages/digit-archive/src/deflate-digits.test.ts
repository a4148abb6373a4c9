import { inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DigitDeflater } from './deflate-digits.ts';

function deflate(chunks: readonly Uint8Array[]): Buffer {
  const deflater = new DigitDeflater();
  const out = Buffer.alloc(DigitDeflater.roomFor(Math.max(0, ...chunks.map(({ length }) => length))));
  const packed = chunks.map((chunk) => Buffer.from(out.subarray(0, deflater.push(chunk, out))));
  return Buffer.concat([...packed, out.subarray(0, deflater.end(out))]);
}

function cut(text: Buffer, lengths: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let start = 0;
  for (const length of lengths) {
    chunks.push(text.subarray(start, start + length));
    start += length;
  }
  return [...chunks, text.subarray(start)];
}

const digit = fc.constantFrom(...'0123456789');
const digits = fc.array(digit, { maxLength: 300 }).map((list) => list.join(''));
const text = fc.tuple(digit, digits).map(([first, rest]) => Buffer.from(rest ? `${first}.${rest}` : first));

test('zlib reads back what was compressed, and where it was cut does not show', () => {
  fc.assert(
    fc.property(text, fc.array(fc.nat(9), { maxLength: 40 }), (whole, lengths) => {
      const packed = deflate(cut(whole, lengths));
      expect(inflateRawSync(packed).equals(whole)).toBe(true);
      expect(packed.equals(deflate([whole]))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('every pair of digits comes back at every place among the bits', () => {
  const pairs = Array.from({ length: 100 }, (_, i) => String(i).padStart(2, '0')).join('');
  for (let before = 0; before < 16; before += 1) {
    const whole = Buffer.from(`3.${'1'.repeat(before)}${pairs}`);
    expect(inflateRawSync(deflate([whole])).toString()).toBe(whole.toString());
  }
});

test('a text of nothing is an end alone', () => {
  expect(inflateRawSync(deflate([])).length).toBe(0);
});

test('digits that are equally frequent take three and a half bits each', () => {
  const whole = Buffer.from('0123456789'.repeat(10_000));
  expect(deflate([whole]).length).toBeLessThan((whole.length * 3.5) / 8 + 60);
});

test('the same text gives the bytes that it always gave', () => {
  expect(deflate([Buffer.from('3.14159265')]).toString('hex')).toBe(
    '05c1810d00300802b08f160054fdffb1b57e0cebd4f501',
  );
});

test('a byte that is no digit is refused with its place, wherever it stands', () => {
  const anywhere = fc.tuple(fc.nat(39), fc.constantFrom('\0', '/', ':', 'a', '\n', ' ', '\xff'));
  fc.assert(
    fc.property(anywhere, fc.nat(40), ([place, character], cutAt) => {
      const whole = Buffer.from(`3.${'7'.repeat(40)}`);
      whole.write(character, place + 2, 'latin1');
      expect(() => deflate(cut(whole, [cutAt]))).toThrow(`byte ${place + 2} of the result`);
    }),
  );
});
