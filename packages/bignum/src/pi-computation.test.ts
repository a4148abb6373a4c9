import { expect, test } from 'vitest';
import { PiComputation } from './pi-computation.ts';

const decimals = 60_000;

const text = (computation: PiComputation) => Buffer.from(computation.digits(0, decimals)).toString();

test.each([1, 2])(
  'on %i threads a flipped bit in any step is found, the product repeated, the digits right',
  async (threads) => {
    const computation = await PiComputation.start(decimals, threads);
    expect(await computation.run(decimals)).toBe(true);
    const right = text(computation);
    const { products, repeats } = computation.statistics();
    expect(repeats).toBe(0);
    // From the first merges through root and quotient to the last nodes of the conversion.
    const step = Math.max(1, Math.floor(products / 40));
    let faults = 0;
    for (let countdown = 1; countdown < products; countdown += step) {
      computation.injectFault(countdown);
      expect(await computation.run(decimals)).toBe(true);
      expect(text(computation) === right).toBe(true);
      faults++;
      expect(computation.statistics().repeats).toBe(faults);
    }
    await computation.stop();
  },
);

test('fewer decimals are the beginning of more, with any number of threads', async () => {
  const texts: string[] = [];
  for (const threads of [1, 2, 5]) {
    const computation = await PiComputation.start(decimals, threads);
    for (const count of [decimals, 7001]) {
      expect(await computation.run(count)).toBe(true);
      texts.push(Buffer.from(computation.digits(0, count)).toString());
    }
    await computation.stop();
  }
  for (const shorter of texts) expect(texts[0]?.startsWith(shorter)).toBe(true);
});

test('progress goes from nothing to nearly all of the work', async () => {
  const computation = await PiComputation.start(1_000_000, 2);
  const seen: number[] = [];
  const timer = setInterval(() => seen.push(computation.progress().fraction), 5);
  await computation.run();
  clearInterval(timer);
  expect(seen.length).toBeGreaterThan(5);
  expect(seen[0]).toBeLessThan(0.2);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(computation.progress().fraction).toBeGreaterThan(0.9);
  await computation.stop();
});
