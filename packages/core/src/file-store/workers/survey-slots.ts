import { isTerminal } from '../../job/job-state.ts';
import { hasLiveOwner } from '../jobs/read-job.ts';
import type { FileVolume } from '../volume/file-volume.ts';
import { jobOf, settleWorker } from './read-worker.ts';

export interface SlotSurvey {
  /** Slots held by reservations and transfers. */
  readonly held: number;
  /** Waiting digit jobs whose slot was held for them by a worker id. */
  readonly earmarked: readonly number[];
}

/**
 * Who holds slots besides the running digit jobs; inside the mutex. Slots are never counted up and down: they are looked up, so that
 * none can leak. Workers that have ended are put away on the way.
 */
export async function surveyWorkers(volume: FileVolume): Promise<SlotSurvey> {
  let held = 0;
  const earmarked: number[] = [];
  for (const stored of await volume.workers.listActive()) {
    const record = settleWorker(volume, stored);
    const job = jobOf(volume, record);
    const state = job?.state ?? record.state;
    if (isTerminal(state))
      await volume.workers.write({ ...record, state, error: job?.error ?? record.error });
    else if (job === undefined) held += 1;
    else if (job.state === 'queued' && hasKeptSlot(volume, Number(job.id), job.num))
      earmarked.push(Number(job.id));
  }
  return { held, earmarked };
}

/** A job that was claimed, or paused before it began, has a record, and gave up the slot that was held for its beginning. */
function hasKeptSlot(volume: FileVolume, id: number, num: number): boolean {
  return volume.records.read(id, num) === undefined;
}

/** Digit jobs that run, each in a slot. */
export async function countRunningJobs(volume: FileVolume): Promise<number> {
  let running = 0;
  for (const id of await volume.records.listOpen()) {
    const num = volume.ledger.numOf(id);
    const record = num === undefined ? undefined : volume.records.read(id, num);
    if (record?.state === 'running' && hasLiveOwner(volume, record)) running += 1;
  }
  return running;
}
