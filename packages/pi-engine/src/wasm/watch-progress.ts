import type { DigitRequest } from '@pi-jobs/core/engine';
import type { PlannedProgress, TimePlan } from './time-plan.ts';

const intervalMs = 20;
/** The computation has this share of the time; what follows, until the last digits are on disk and on record, takes a hundredth. */
const computing = 0.99;

interface News {
  readonly share: number;
  /** Milliseconds. */
  readonly at: number;
}

/**
 * Tells the request how far the computation that is about to begin is; returns how to end that. Nothing is told before
 * it is known what earlier runs have left: that is not this run's speed.
 *
 * News of work comes at the end of a product, and the longest take some hundredths of the time: until the next news the fraction goes
 * on at the speed so far, as long as such a step can take.
 */
export function watchProgress(
  progress: () => PlannedProgress,
  plan: TimePlan,
  request: Pick<DigitRequest, 'onProgress'>,
): () => void {
  let phase: PlannedProgress['phase'] | undefined;
  let reached = 0;
  let first: News | undefined;
  let last: News | undefined;
  const look = (): void => {
    const at = performance.now();
    const now = progress();
    const isNewPhase = now.phase !== phase;
    phase = now.phase;
    if (phase === 'start') return;
    const share = plan.shareAt(now);
    // That a phase has begun is news, also where the one before seemed to be at its end for a while.
    if (isNewPhase || last?.share !== share) last = { share, at };
    first ??= last;
    const speed = last.at > first.at ? (last.share - first.share) / (last.at - first.at) : 0;
    const likely = last.share + Math.min(plan.longestStepOf(phase), speed * (at - last.at));
    reached = Math.max(reached, computing * Math.min(plan.endOf(phase), likely));
    request.onProgress({ phase, fraction: reached });
  };
  const timer = setInterval(look, intervalMs);
  return () => clearInterval(timer);
}
