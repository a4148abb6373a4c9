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
  // It may be done before anybody looks.
  running: ['running', 'queued', 'completed'],
  terminated: ['terminated'],
};

/** Gives the command and waits until it is true, within 2 seconds. Undefined when there is no such job. */
export async function commandAndWait(
  jobs: JobStore,
  observer: Pick<JobObserver, 'waitUntil'>,
  id: JobId,
  command: Command,
): Promise<CommandOutcome | undefined> {
  const asked = await jobs.command(id, command);
  if (asked === undefined || asked.outcome === 'refused') return asked;
  if (command === 'running' && asked.job.state === 'queued') {
    const isRunning = ({ state }: DigitJob): boolean => state === 'running';
    const job = await observer.waitUntil(id, isRunning, { timeoutMs: START_TIMEOUT_MS });
    return outcomeNow(job ?? asked.job, command);
  }
  if (asked.outcome === 'done') return asked;
  const isReached = ({ state }: DigitJob): boolean => REACHED[command].includes(state);
  const job = (await observer.waitUntil(id, isReached, { timeoutMs: EFFECT_TIMEOUT_MS })) ?? asked.job;
  return outcomeNow(job, command);
}

/** Others command too: it may have ended in another way before the command could take effect, or be what they asked for since. */
function outcomeNow(job: DigitJob, command: Command): CommandOutcome {
  if (REACHED[command].includes(job.state)) return { job, outcome: 'done' };
  return { job, outcome: isTerminal(job.state) ? 'refused' : 'pending' };
}
