import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineSplitter } from './line-splitter.ts';

function split(bytes: Buffer, cuts: readonly number[], maxLineBytes = 1000): string[] {
  const splitter = new LineSplitter(maxLineBytes);
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  const lines = edges.slice(1).flatMap((end, i) => splitter.push(bytes.subarray(edges[i], end)));
  const last = splitter.end();
  return last === undefined ? lines : [...lines, last];
}

test('however the bytes are cut into chunks, the lines are those of the text', () => {
  const text = fc.array(fc.string({ unit: fc.constantFrom('a', 'é', '語', '🥧', '\r', '\0') }), {
    minLength: 1,
  });
  fc.assert(
    fc.property(text, fc.boolean(), fc.array(fc.nat()), (lines, endsInNewline, cuts) => {
      const bytes = Buffer.from(lines.join('\n') + (endsInNewline ? '\n' : ''));
      const expected = endsInNewline || lines.at(-1) !== '' ? lines : lines.slice(0, -1);
      expect(split(bytes, cuts)).toEqual(expected);
    }),
  );
});

test('a byte that is no UTF-8 becomes U+FFFD and harms no other character', () => {
  expect(split(Buffer.from([0x61, 0xff, 0xc3, 0xa9, 0x0a, 0xc3]), [3])).toEqual(['a\ufffdé', '\ufffd']);
});

test('a byte order mark stays in its line', () => {
  expect(split(Buffer.from('\ufeffone\ntwo'), [1])).toEqual(['\ufeffone', 'two']);
});

test('a line of exactly the allowed length passes, a longer one stops the lines wherever the chunks end', () => {
  for (const cut of [1, 4, 5, 6, 8, 11]) {
    expect(split(Buffer.from('abc\nabcde\nx\n'), [cut], 5)).toEqual(['abc', 'abcde', 'x']);
    expect(split(Buffer.from('abc\nabcdef\nx\n'), [cut], 5)).toEqual(['abc']);
  }
});
