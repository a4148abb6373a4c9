import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint-form.ts';
import { packInteger, unpackInteger } from './packed-integer.ts';

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

const content = fc
  .array(fc.option(fc.bigInt({ min: -(1n << 5000n), max: 1n << 5000n }), { nil: undefined }), {
    maxLength: 4,
  })
  .map((values) => ({
    values,
    packed: values.map((value) => (value === undefined ? undefined : packInteger(value))),
  }));

test('what was encoded comes back, however the bytes are cut into pieces', async () => {
  await fc.assert(
    fc.asyncProperty(content, fc.integer({ min: 1, max: 2000 }), async ({ values, packed }, size) => {
      const bytes = Buffer.concat([...encodeCheckpoint(packed)]);
      const decoded = await decodeCheckpoint(inPieces(bytes, size));
      expect(decoded?.map((part) => (part === undefined ? undefined : unpackInteger(part)))).toEqual(values);
    }),
  );
});

test('a checkpoint with any bit flipped or cut off anywhere is no checkpoint', async () => {
  const bytes = Buffer.concat([
    ...encodeCheckpoint([packInteger(-(3n ** 200n)), undefined, packInteger(7n)]),
  ]);
  for (let i = 0; i < bytes.length; i++) {
    const flipped = Buffer.from(bytes);
    flipped[i] = (flipped[i] ?? 0) ^ (1 << (i % 8));
    expect(await decodeCheckpoint(inPieces(flipped, 64))).toBe(undefined);
    expect(await decodeCheckpoint(inPieces(bytes.subarray(0, i), 64))).toBe(undefined);
  }
});

test('large numbers are handed over in pieces of at most a mebibyte', () => {
  const lengths = [...encodeCheckpoint([packInteger(1n << 20_000_000n)])].map((chunk) => chunk.length);
  expect(Math.max(...lengths)).toBe(1 << 20);
  expect(lengths.length).toBeGreaterThan(3);
});
