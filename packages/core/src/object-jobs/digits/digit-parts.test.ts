import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { piDigitBlocks } from '../../spigot/pi-digits.ts';
import { temporaryObjects } from '../../testing/temporary-objects.ts';
import { certainOf, DigitPartWriter, listParts, readParts } from './digit-parts.ts';

const blocks = piDigitBlocks();
let known = '';
while (known.length < 8_000) known += blocks.next().value;
const truth = Buffer.from(known);

it('what several workers write of one job covers true digits without a gap, whatever their turns are', async () => {
  const step = fc.record({
    worker: fc.integer({ min: 0, max: 2 }),
    digits: fc.integer({ min: 1, max: 300 }),
    isFlushed: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const { store } = await temporaryObjects();
      const id = '01a201b7-4cd1-7d72-8b57-9d1e30f0b4c1';
      const workers = [0, 1, 2].map(() => new DigitPartWriter(store, id, 0));
      for (const { worker, digits, isFlushed } of steps) {
        const writer = workers[worker] ?? workers[0];
        if (writer === undefined) continue;
        writer.append(truth.subarray(writer.digits, writer.digits + digits));
        if (isFlushed) await writer.flush();
        expect(certainOf(await listParts(store, id))).toBeGreaterThanOrEqual(writer.written);
      }
      for (const writer of workers) while (writer.pendingBytes > 0) await writer.flush();
      const parts = await listParts(store, id);
      const certain = certainOf(parts);
      expect(certain).toBe(Math.max(...workers.map(({ digits }) => digits)));
      expect((await buffer(readParts(store, parts, 0, certain))).equals(truth.subarray(0, certain))).toBe(
        true,
      );
      const middle = Math.floor(certain / 2);
      const tail = await buffer(readParts(store, parts, middle, certain - middle));
      expect(tail.equals(truth.subarray(middle, certain))).toBe(true);
    }),
    { numRuns: 40 },
  );
});

it('digits behind a gap are not certain', async () => {
  const { store } = await temporaryObjects();
  const id = '01a201b7-4cd1-7d72-8b57-9d1e30f0b4c1';
  const first = new DigitPartWriter(store, id, 0);
  first.append(truth.subarray(0, 100));
  await first.flush();
  const beyond = new DigitPartWriter(store, id, 101);
  beyond.append(truth.subarray(101, 200));
  await beyond.flush();
  expect(certainOf(await listParts(store, id))).toBe(100);
});
