import { expect, test } from 'vitest';
import { engineNames } from './engine-names.ts';
import { createDigitEngine } from './select-engine.ts';
import { referenceDigits, runEngine } from './testing/run-engine.ts';

test.each([
  [1, 'spigot'],
  [10_000, 'spigot'],
  [10_001, 'wasm'],
])('for %i digits the automatic choice is %s', async (digitCount, expected) => {
  const { report } = await runEngine(createDigitEngine(), { digitCount });
  expect(report.engine).toBe(expected);
});

test.each(engineNames.filter((name) => name !== 'auto'))(
  '%s is taken when it is asked for, and certifies its digits',
  async (engine) => {
    const chosen = createDigitEngine({ engine });
    expect(chosen.name).toBe(engine);
    const { digits, report } = await runEngine(chosen, { digitCount: 2500, verify: true });
    expect(digits).toBe(referenceDigits(2500));
    expect(report.engine).toBe(engine);
    expect(report.verification).toMatchObject({ hexTail: expect.stringMatching(/^[0-9a-f]{8}$/) });
  },
);

test('the memory estimate is that of the engine which will run, and grows with the digits', () => {
  const engine = createDigitEngine();
  const estimates = [1, 1000, 10_000, 100_000, 10_000_000, 100_000_000].map((n) =>
    engine.estimateMemoryBytes(n, 2),
  );
  expect(estimates).toEqual(estimates.toSorted((a, b) => a - b));
});
