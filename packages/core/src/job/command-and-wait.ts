import type { Command, CommandOutcome, JobStore } from '../ports/job-store.ts';
import type { DigitJob, JobId } from './job.ts';
import type { JobObserver } from './job-observer.ts';
import { isTerminal, type JobState } from './job-state.ts';

/** A worker obeys within a few tenths of a second; longer than this a client is told that it is on the way. */
const EFFECT_TIMEOUT_MS = 2_000;
/** A resumed job with a free slot runs within this time, so that the answer can say so instead of `queued`. */
const START_TIMEOUT_MS = 500;

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
  if (asked === undefined || asked.outcome === 'refused') return asked;
  if (command === 'running' && asked.job.state === 'queued') {
    const isRunning = ({ state }: DigitJob): boolean => state === 'running';
    const job = await observer.waitUntil(id, isRunning, { timeoutMs: START_TIMEOUT_MS });
    return { job: job ?? asked.job, outcome: 'done' };
  }
  if (asked.outcome === 'done') return asked;
  const isReached = ({ state }: DigitJob): boolean => REACHED[command].includes(state);
  const job = (await observer.waitUntil(id, isReached, { timeoutMs: EFFECT_TIMEOUT_MS })) ?? asked.job;
  if (isReached(job)) return { job, outcome: 'done' };
  // It may have ended in another way before the command could take effect.
  return { job, outcome: isTerminal(job.state) ? 'refused' : 'pending' };
}
