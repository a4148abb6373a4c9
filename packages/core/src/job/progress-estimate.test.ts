import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ProgressEstimate } from './progress-estimate.ts';

it('what an earlier run has left, and the wait for the engine, are not taken for speed', () => {
  let now = 0;
  const estimate = new ProgressEstimate(0.5, 1000, () => now);
  expect(estimate.waiting()).toMatchObject({ fraction: 0.5, etaSeconds: null });
  now = 60_000;
  expect(estimate.update('splitting', 0.4, 1000)).toMatchObject({ fraction: 0.5, etaSeconds: null });
  now = 70_000;
  expect(estimate.update('splitting', 0.6, 1000)).toMatchObject({ fraction: 0.6, etaSeconds: 20 });
});

it('whatever an engine tells, the fraction is a number from 0 to 1 that never goes back', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.array(fc.double()), (before, told) => {
      let now = 0;
      const estimate = new ProgressEstimate(before, 0, () => now++);
      let last = before;
      for (const fraction of told) {
        const beat = estimate.update('splitting', fraction, 0);
        expect(beat.fraction).toBeGreaterThanOrEqual(last);
        expect(beat.fraction).toBeLessThanOrEqual(1);
        expect(beat.etaSeconds ?? 0).toBeGreaterThanOrEqual(0);
        expect(beat.etaSeconds ?? 0).toBeLessThan(Number.POSITIVE_INFINITY);
        last = beat.fraction;
      }
    }),
  );
});
