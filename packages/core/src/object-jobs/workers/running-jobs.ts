import { VersionConflictError } from '../../ports/object-store.ts';
import type { JobLine } from '../line/job-line.ts';
import { atRest, type DigitRecord, isWorkedOn } from '../records/digit-record.ts';
import type { RecordStore } from '../records/record-store.ts';
import type { JobHolder } from './slot-table.ts';

/** A worker that has told nothing for so long has lost its job's slot; the message of a killed one has come again before. */
const SILENT_MS = 10_000;

/**
 * Does the job hold its slot still? One that runs and whose worker is silent is put back into the line first, so that the worker, if it
 * lives after all, learns that it has lost it.
 */
export async function isJobHolding(
  { jobId, until }: JobHolder,
  records: RecordStore<DigitRecord>,
  line: JobLine,
): Promise<boolean> {
  const current = await records.readIfReadable(jobId);
  if (current === undefined) return false;
  const { record } = current;
  if (record.state === 'queued') return until !== record.slotUntil && Date.parse(until) > Date.now();
  if (record.state !== 'running') return false;
  if (isWorkedOn(record, SILENT_MS)) return true;
  // Asked to stop, it does so when it looks again.
  if (record.request !== null) return false;
  try {
    await line.join(record);
    await records.replace(current, atRest(record, 'queued', null));
    return false;
  } catch (error) {
    if (!(error instanceof VersionConflictError)) throw error;
    return isJobHolding({ jobId, until }, records, line);
  }
}
