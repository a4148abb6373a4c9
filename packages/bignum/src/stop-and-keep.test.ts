import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PiComputation } from './pi-computation.ts';
import { MemoryKeeper } from './testing/memory-keeper.ts';

const decimals = 300_000;

/** Digits that were handed over, and the products that it took. */
class Run {
  text = '';
  products = 0;
  readonly keeper: MemoryKeeper;
  readonly threads: number;

  constructor(threads: number, keeper = new MemoryKeeper({ isDue: false })) {
    this.threads = threads;
    this.keeper = keeper;
  }

  /** Goes on from what is kept, to the end or until so many products are done; the phase in which that was. */
  async goOn(until = Number.POSITIVE_INFINITY): Promise<string> {
    const stop = new AbortController();
    const computation = await PiComputation.start(decimals, { threads: this.threads, signal: stop.signal });
    const running = computation.run({
      decimals,
      firstDigit: this.text.length,
      keeper: this.keeper,
      onDigits: (start, digits) => {
        this.text = this.text.slice(0, start) + Buffer.from(digits).toString();
      },
    });
    let isOver = false;
    const over = running
      .catch(() => {})
      .finally(() => {
        isOver = true;
      });
    while (!isOver && computation.statistics().products < until) await sleep(1);
    const { phase } = computation.progress();
    if (!isOver) stop.abort(new Error('stopped'));
    await over;
    await computation.stopAndKeep();
    this.products += computation.statistics().products;
    return phase;
  }
}

test('whenever it is stopped, the work that is whole is kept, and the digits are the same', async () => {
  const whole = new Run(2);
  await whole.goOn();
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const shares = fc.array(share, { minLength: 10, maxLength: 10 });
  let stops = 0;
  let repeated = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(1, 2), shares, async (threads, stopsAt) => {
      const run = new Run(threads);
      let done = 0;
      for (const at of stopsAt.toSorted((a, b) => a - b)) {
        // Of the work that a run without a stop has before it, so much.
        await run.goOn((at - done) * whole.products);
        done = at;
        stops++;
      }
      await run.goOn();
      expect(run.text === whole.text).toBe(true);
      repeated += run.products - whole.products;
    }),
    { numRuns: 2 },
  );
  // A subtree for each thread, a product, or the one block of digits that there is; without keeping it would be half of all.
  expect(repeated / stops).toBeLessThan(0.2 * whole.products);
  // Some seconds: each time threads are started anew. A machine that is busy with others takes longer.
}, 120_000);

test('a bit that was flipped in what is kept is found, and costs time only', async () => {
  const whole = new Run(1);
  await whole.goOn();
  const seen = new Set<string>();
  for (const share of [0.4, 0.6, 0.79, 0.8, 0.81, 0.85]) {
    const run = new Run(1);
    await run.goOn(share * whole.products);
    for (const [name, { bytes }] of run.keeper.kept) {
      seen.add(name.split('.')[0] ?? '');
      const at = bytes.length >> 1;
      bytes[at] = (bytes[at] ?? 0) ^ 16;
    }
    await run.goOn();
    expect(run.text === whole.text).toBe(true);
    expect(run.products).toBeGreaterThan((share + 0.99) * whole.products);
  }
  expect([...seen].toSorted()).toEqual(['division', 'fraction', 'range']);
});
