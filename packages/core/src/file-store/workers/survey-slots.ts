import { isTerminal } from '../../job/job-state.ts';
import type { SlotCount } from '../../ports/worker-slots.ts';
import type { WorkerRecord } from '../../workers/worker-record.ts';
import type { KnownWorker } from '../../workers/worker-registry.ts';
import { hasLiveOwner } from '../jobs/read-job.ts';
import type { FileVolume } from '../volume/file-volume.ts';

/**
 * Slots held by reservations and transfers; inside the mutex. A worker id that was used for a digit job holds none: the job's own
 * record says whether a slot is kept for it. Workers that have ended are put away on the way.
 */
export async function countHeldSlots(
  volume: FileVolume,
  know: (record: WorkerRecord) => KnownWorker,
): Promise<number> {
  let held = 0;
  for (const stored of await volume.workers.listActive()) {
    const { record, job } = know(stored);
    const state = job?.state ?? record.state;
    if (isTerminal(state))
      await volume.workers.write({ ...record, state, error: job?.error ?? record.error });
    else if (record.jobId === null) held += 1;
  }
  return held;
}

/**
 * Slots that are there and those that are free; inside the mutex. They are never counted up and down: who holds one is looked up, so
 * that none can leak.
 */
export async function surveySlots(
  volume: FileVolume,
  maxConcurrentJobs: number,
  know: (record: WorkerRecord) => KnownWorker,
): Promise<SlotCount> {
  const limit = await volume.leases.smallestLimit(maxConcurrentJobs);
  const free = limit - (await countHeldSlots(volume, know)) - (await countJobsWithSlot(volume));
  return { limit, free: Math.max(0, free) };
}

/** Digit jobs that run, each in a slot, and those for which one is kept. */
async function countJobsWithSlot(volume: FileVolume): Promise<number> {
  await volume.openJobs.refresh();
  const { running, kept } = volume.openJobs;
  return [...running.values()].filter((record) => hasLiveOwner(volume, record)).length + kept.size;
}
