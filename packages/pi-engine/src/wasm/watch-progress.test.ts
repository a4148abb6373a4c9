import { PiComputation } from '@pi-jobs/bignum';
import type { EngineProgress } from '@pi-jobs/core/engine';
import { expect, it } from 'vitest';
import { PhaseClock } from '../request/phase-clock.ts';
import { watchProgress } from './watch-progress.ts';

it('tells nothing of the computation before the one that it watches', async () => {
  const { signal } = new AbortController();
  const computation = await PiComputation.start(20_000, { threads: 1, signal });
  const onDigits = async (): Promise<void> => undefined;
  await computation.run({ decimals: 2_000, firstDigit: 0, onDigits });
  expect(computation.progress().fraction).toBeGreaterThan(0.5);

  const told: EngineProgress[] = [];
  const stop = watchProgress(computation, { onProgress: (now) => void told.push(now) }, new PhaseClock());
  expect(told).toEqual([]);
  const running = computation.run({ decimals: 20_000, firstDigit: 0, onDigits });
  expect(computation.progress().fraction).toBe(0);
  await running;
  stop();
  await computation.stop();
});
