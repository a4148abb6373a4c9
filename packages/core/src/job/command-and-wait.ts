import type { Command, CommandOutcome, JobStore } from '../ports/job-store.ts';
import type { DigitJob, JobId } from './job.ts';
import type { JobObserver } from './job-observer.ts';
import type { JobState } from './job-state.ts';

/** A worker obeys within a few tenths of a second; longer than this a client is told that it is on the way. */
const EFFECT_TIMEOUT_MS = 2_000;

const REACHED: Readonly<Record<Command, readonly JobState[]>> = {
  paused: ['paused'],
  running: ['running', 'queued'],
  terminated: ['terminated'],
};

/** Gives the command and waits until it is true, within 2 seconds. Undefined when there is no such job. */
export async function commandAndWait(
  jobs: JobStore,
  observer: JobObserver,
  id: JobId,
  command: Command,
): Promise<CommandOutcome | undefined> {
  const asked = await jobs.command(id, command);
  if (asked?.outcome !== 'pending') return asked;
  const isReached = (job: DigitJob): boolean => REACHED[command].includes(job.state);
  const job = (await observer.waitUntil(id, isReached, { timeoutMs: EFFECT_TIMEOUT_MS })) ?? asked.job;
  if (isReached(job)) return { job, outcome: 'done' };
  // It ended in another way before the command could take effect.
  return { job, outcome: job.state === 'completed' || job.state === 'failed' ? 'refused' : 'pending' };
}
