import type { PiComputation } from '@pi-jobs/bignum';
import type { DigitRequest } from '@pi-jobs/core/engine';
import type { PhaseClock } from '../request/phase-clock.ts';

const intervalMs = 20;
/** The computation reports at most this much; the rest is handing over. */
const mostFraction = 0.99;

/**
 * Tells the request and the clock how far the computation that is about to begin is; returns how to end that. The first look comes
 * after an interval: until it has begun, the computation tells of the one before.
 */
export function watchProgress(
  computation: PiComputation,
  request: Pick<DigitRequest, 'onProgress'>,
  clock: PhaseClock,
): () => void {
  let phase = '';
  let reached = 0;
  const look = (): void => {
    const now = computation.progress();
    if (now.phase !== phase) clock.enter(now.phase);
    phase = now.phase;
    reached = Math.max(reached, Math.min(mostFraction, now.fraction));
    request.onProgress({ phase, fraction: reached });
  };
  const timer = setInterval(look, intervalMs);
  return () => clearInterval(timer);
}
