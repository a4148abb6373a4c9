import { expect, test } from 'vitest';
import { runEngine } from '../testing/run-engine.ts';
import { createSpigotEngine } from './spigot-engine.ts';

test('an abort ends the run with its reason before another block comes out', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  let digits = 0;
  const run = runEngine(createSpigotEngine(), {
    digitCount: 20_000,
    signal: controller.signal,
    onDigits: (chunk) => {
      expect(controller.signal.aborted).toBe(false);
      digits += chunk.length;
      if (digits > 3000) controller.abort(reason);
    },
  });
  await expect(run).rejects.toBe(reason);
  expect(digits).toBeLessThan(10_000);
});

test('the event loop turns between blocks', async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await runEngine(createSpigotEngine(), { digitCount: 10_000 });
  clearInterval(timer);
  expect(turns).toBeGreaterThan(5);
});

test('the progress grows to the whole', async () => {
  const { progress } = await runEngine(createSpigotEngine(), { digitCount: 5000 });
  const fractions = progress.map((step) => step.fraction);
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  expect(fractions.at(-1)).toBe(1);
});

test('more digits than it can make without holding up the event loop are refused', async () => {
  await expect(runEngine(createSpigotEngine(), { digitCount: 50_001 })).rejects.toThrow(/ends at/);
});
