import { statSync } from 'node:fs';
import { isTerminal } from '../job/job-state.ts';
import { closeJob } from './close-job.ts';
import type { FileVolume } from './file-volume.ts';
import { type JobRecord, newJobRecord } from './job-record.ts';
import { readCursor, writeCursor } from './line-cursor.ts';
import { surveyWorkers } from './survey-slots.ts';

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
  const fresh = await firstFreshJob(volume);
  if (fresh === undefined) return first;
  if (first !== undefined && first.queuedAt <= fresh.queuedAt) return first;
  // The job itself has no record yet: the cursor stops before it.
  await writeCursor(volume, fresh.id - 1);
  return fresh;
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

/** The oldest job to which nothing has happened yet: no record, no result. */
async function firstFreshJob(volume: FileVolume): Promise<JobRecord | undefined> {
  const { ledger, layout, records } = volume;
  for (let id = (await readCursor(volume)) + 1; id <= ledger.lastId; id += 1) {
    const num = ledger.numOf(id);
    if (num === undefined || records.read(id, num) !== undefined) continue;
    if (statSync(layout.digits(id, num), { throwIfNoEntry: false }) !== undefined) continue;
    return freshRecord(volume, id, num);
  }
  return undefined;
}

function freshRecord(volume: FileVolume, id: number, num: number): JobRecord {
  return newJobRecord(id, num, volume.creationOf(id).createdAt);
}
