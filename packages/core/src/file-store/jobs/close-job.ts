import { rename, unlink } from 'node:fs/promises';
import { ifPresent } from '../../files/errno.ts';
import { syncFolder } from '../../files/sync-file.ts';
import { LongestResultFile } from '../digits/longest-result.ts';
import type { FileVolume } from '../volume/file-volume.ts';
import { FileCheckpoints } from '../work/file-checkpoints.ts';
import type { JobRecord } from './job-record.ts';

type End = { readonly state: 'completed' | 'failed' | 'terminated' } & Partial<JobRecord>;

/** Gives the digits their final name: the completion. Inside the mutex. */
export async function nameResult({ layout }: FileVolume, { id, num }: JobRecord): Promise<void> {
  await rename(layout.partialDigits(id, num), layout.digits(id, num));
}

/**
 * Ends a job, in two parts. This one is inside the mutex and short: the closed record, which counts from then on. `finishClosing` must
 * follow, outside of it. Until that has removed the open record everybody who looks for work sees that it is due.
 */
export async function closeJob(volume: FileVolume, record: JobRecord, end: End): Promise<JobRecord> {
  const isCompleted = end.state === 'completed';
  if (isCompleted) await new LongestResultFile(volume.layout).offer(record);
  const closed: JobRecord = {
    ...record,
    ...end,
    owner: null,
    request: null,
    keepsSlot: false,
    // Those of a completion that a crash kept from happening are of no job that ends in another way.
    finishedAt: (isCompleted ? record.finishedAt : null) ?? new Date().toISOString(),
    report: isCompleted ? record.report : null,
  };
  await volume.records.writeClosed(closed);
  return closed;
}

/**
 * Makes the end durable, then removes what the job does not need any more, then the open record. It may be done twice, or by two at once:
 * nothing leads out of the state of a closed record.
 */
export async function finishClosing(volume: FileVolume, closed: JobRecord): Promise<void> {
  const { layout, records } = volume;
  if (closed.state === 'completed') await syncFolder(layout.root);
  await records.flushClosed(closed.id);
  if (closed.state !== 'completed') await ifPresent(unlink(layout.partialDigits(closed.id, closed.num)));
  await new FileCheckpoints(layout.checkpoints(closed.id)).clear();
  await records.removeOpen(closed.id);
}
