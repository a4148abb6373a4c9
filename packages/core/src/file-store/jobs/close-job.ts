import { unlink } from 'node:fs/promises';
import { ifPresent } from '../../files/errno.ts';
import { LongestResultFile } from '../digits/longest-result.ts';
import type { FileVolume } from '../volume/file-volume.ts';
import { FileCheckpoints } from '../work/file-checkpoints.ts';
import type { JobRecord } from './job-record.ts';

/**
 * Ends a job; inside the mutex. The files go before the record says so: a crash between leaves a job that is worked on again, never
 * files that nobody removes.
 */
export async function closeJob(
  volume: FileVolume,
  record: JobRecord,
  end: { readonly state: 'completed' | 'failed' | 'terminated' } & Partial<JobRecord>,
): Promise<JobRecord> {
  const { layout } = volume;
  if (end.state !== 'completed') await ifPresent(unlink(layout.partialDigits(record.id, record.num)));
  else await new LongestResultFile(layout).offer(record);
  await new FileCheckpoints(layout.checkpoints(record.id)).clear();
  const finishedAt = new Date().toISOString();
  const closed: JobRecord = { ...record, ...end, owner: null, request: null, finishedAt };
  await volume.records.write(closed, { durable: true });
  return closed;
}
