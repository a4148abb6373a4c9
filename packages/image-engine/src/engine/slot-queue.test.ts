import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SlotQueue } from './slot-queue.ts';

const never = new AbortController().signal;

test('no more holders than slots, and none is forgotten, whoever gives up meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.boolean(), { maxLength: 30 }),
      async (slots, givesUp) => {
        const queue = new SlotQueue(slots);
        let inside = 0;
        let most = 0;
        const outcomes = givesUp.map(async (gives) => {
          const abort = new AbortController();
          const entered = queue.acquire(abort.signal);
          if (gives) queueMicrotask(() => abort.abort(new Error('gave up')));
          using _slot = await entered;
          inside += 1;
          most = Math.max(most, inside);
          await setImmediate();
          inside -= 1;
        });
        const settled = await Promise.allSettled(outcomes);
        expect(most).toBeLessThanOrEqual(slots);
        expect(inside).toBe(0);
        settled.forEach(({ status }, index) => {
          if (!givesUp[index]) expect(status).toBe('fulfilled');
        });
        for (let slot = 0; slot < slots; slot += 1) await queue.acquire(never);
      },
    ),
  );
});

test('those who wait enter in order of arrival', async () => {
  const queue = new SlotQueue(1);
  const first = await queue.acquire(never);
  const entered: number[] = [];
  const others = [1, 2, 3].map(async (number) => {
    using _slot = await queue.acquire(never);
    entered.push(number);
  });
  first[Symbol.dispose]();
  await Promise.all(others);
  expect(entered).toEqual([1, 2, 3]);
});

test('an aborted signal is refused at once, with its reason', async () => {
  const reason = new Error('too late');
  await expect(new SlotQueue(1).acquire(AbortSignal.abort(reason))).rejects.toBe(reason);
});
