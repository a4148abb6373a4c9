import { statSync } from 'node:fs';
import { isTerminal } from '../../job/job-state.ts';
import { closeJob } from '../jobs/close-job.ts';
import { type JobRecord, newJobRecord } from '../jobs/job-record.ts';
import type { FileVolume } from '../volume/file-volume.ts';
import { surveyWorkers } from '../workers/survey-slots.ts';
import { readCursor, writeCursor } from './line-cursor.ts';

/** Jobs looked at in one search, which is made inside the mutex: everybody waits for its end. */
const MOST_LOOKS = 2_000;

type Owner = NonNullable<JobRecord['owner']>;

export interface PickOptions {
  readonly maxConcurrentJobs: number;
  /** Is the job in its owner's hands? */
  readonly isHeld: (owner: Owner, id: number) => boolean;
}

/**
 * The job whose turn it is, when a slot is free; inside the mutex. In line are the jobs with an open record that wait or whose
 * owner is gone, and behind the cursor those to which nothing has happened yet. First in, first out by `queuedAt`; a crash changes
 * no place. A job for which a worker id holds a slot does not stand in line: the slot is its own.
 */
export async function pickNextJob(volume: FileVolume, options: PickOptions): Promise<JobRecord | undefined> {
  volume.ledger.refresh();
  let running = 0;
  let first: JobRecord | undefined;
  for (const id of await volume.records.listOpen()) {
    const num = volume.ledger.numOf(id);
    if (num === undefined) continue;
    // The cursor may be past a job whose record a power failure took, or left from another row: its file keeps its place.
    const record = volume.records.read(id, num) ?? freshRecord(volume, id, num);
    if (isTerminal(record.state)) {
      await volume.records.removeOpen(id);
      continue;
    }
    if (record.state === 'running' && record.owner !== null && options.isHeld(record.owner, id)) {
      running += 1;
      continue;
    }
    const waiting = record.state === 'running' ? await settleOrphan(volume, record) : record;
    if (waiting.state === 'queued' && (first === undefined || waiting.queuedAt < first.queuedAt))
      first = waiting;
  }
  const { held, earmarked } = await surveyWorkers(volume);
  for (const id of earmarked) {
    const num = volume.ledger.numOf(id);
    if (num !== undefined) return freshRecord(volume, id, num);
  }
  if (running + held >= options.maxConcurrentJobs) return undefined;
  const { fresh, isWhole } = await searchLine(volume);
  // Whose turn it is shows when the search has come to its end; the next look goes on with it.
  if (!isWhole) return undefined;
  if (fresh === undefined) return first;
  return first !== undefined && first.queuedAt <= fresh.queuedAt ? first : fresh;
}

/** What a dead owner left: its last step half done, or a client's request that it did not live to see, or just work to go on with. */
async function settleOrphan(volume: FileVolume, record: JobRecord): Promise<JobRecord> {
  const { layout } = volume;
  const fraction = Math.max(
    record.fraction,
    (record.owner && volume.leases.progressOf(record.owner.calculator, record.id)?.fraction) ?? 0,
  );
  const orphan: JobRecord = { ...record, state: 'queued', owner: null, fraction };
  if (statSync(layout.digits(record.id, record.num), { throwIfNoEntry: false }) !== undefined) {
    return closeJob(volume, orphan, { state: 'completed', fraction: 1 });
  }
  if (record.request === 'terminated') return closeJob(volume, orphan, { state: 'terminated' });
  if (record.request === null) return orphan;
  const paused: JobRecord = { ...orphan, state: 'paused', request: null };
  await volume.records.write(paused, { durable: true });
  return paused;
}

/**
 * The oldest job to which nothing has happened yet: no record, no result. The cursor goes as far as the search went, so that what
 * was passed once, ten thousand jobs that were terminated in the line, is not looked at again five times a second.
 */
async function searchLine(
  volume: FileVolume,
): Promise<{ readonly fresh: JobRecord | undefined; readonly isWhole: boolean }> {
  const { ledger } = volume;
  const cursor = await readCursor(volume);
  const last = Math.min(ledger.lastId, cursor + MOST_LOOKS);
  // Beyond the ledger after somebody, or a power failure, cut it: new rows will bear the ids behind its end.
  let passed = Math.min(cursor, ledger.lastId);
  while (passed < last && hasHappened(volume, passed + 1)) passed += 1;
  if (passed !== cursor) await writeCursor(volume, passed);
  const num = passed < last ? ledger.numOf(passed + 1) : undefined;
  const fresh = num === undefined ? undefined : freshRecord(volume, passed + 1, num);
  return { fresh, isWhole: fresh !== undefined || passed >= ledger.lastId };
}

function hasHappened({ ledger, layout, records }: FileVolume, id: number): boolean {
  const num = ledger.numOf(id);
  if (num === undefined || records.read(id, num) !== undefined) return true;
  return statSync(layout.digits(id, num), { throwIfNoEntry: false }) !== undefined;
}

function freshRecord(volume: FileVolume, id: number, num: number): JobRecord {
  return newJobRecord(id, num, volume.creationOf(id).createdAt);
}
