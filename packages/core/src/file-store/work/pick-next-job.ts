import { statSync } from 'node:fs';
import { isTerminal } from '../../job/job-state.ts';
import { nextInLine, planClaim } from '../../job/rules/claim-rules.ts';
import { closeJob } from '../jobs/close-job.ts';
import { type JobRecord, newJobRecord } from '../jobs/job-record.ts';
import type { FileVolume } from '../volume/file-volume.ts';
import { knownWorker } from '../workers/file-worker-registry.ts';
import { countHeldSlots } from '../workers/survey-slots.ts';
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
  const { running, waiting } = await surveyOpenJobs(volume, options);
  const kept = waiting.filter(({ keepsSlot }) => keepsSlot);
  const held = await countHeldSlots(volume, (record) => knownWorker(volume, record, undefined));
  const limit = await volume.leases.smallestLimit(options.maxConcurrentJobs);
  const freeSlots = limit - running - held - kept.length;
  if (freeSlots <= 0) return nextInLine({ kept, waiting, fresh: undefined, freeSlots });
  const { fresh, isWhole } = await searchLine(volume);
  // Whose turn it is shows when the search has come to its end; the next look goes on with it.
  return nextInLine({ kept, waiting, fresh, freeSlots: isWhole ? freeSlots : 0 });
}

/** Jobs in somebody's hands, and those that wait; what crashes left is put in order on the way. */
async function surveyOpenJobs(
  volume: FileVolume,
  { isHeld }: PickOptions,
): Promise<{ readonly running: number; readonly waiting: JobRecord[] }> {
  const waiting: JobRecord[] = [];
  let running = 0;
  for (const id of await volume.records.listOpen()) {
    const num = volume.ledger.numOf(id);
    if (num === undefined) continue;
    // The cursor may be past a job whose record a power failure took, or left from another row: its file keeps its place.
    const record = volume.records.read(id, num) ?? freshRecord(volume, id, num);
    if (isTerminal(record.state)) {
      await volume.records.removeOpen(id);
      continue;
    }
    const isWorkerAlive = record.owner !== null && isHeld(record.owner, id);
    const hasResult = statSync(volume.layout.digits(id, num), { throwIfNoEntry: false }) !== undefined;
    const plan = planClaim({ ...record, isWorkerAlive, hasResult, attempts: 0 });
    if (plan.does === 'run') waiting.push(atRest(volume, record));
    else if (plan.does === 'leave') running += plan.isHeld ? 1 : 0;
    else await settle(volume, atRest(volume, record), plan.to);
  }
  return { running, waiting };
}

/** The record of a job that nobody works on, with what its dead worker told last. */
function atRest(volume: FileVolume, record: JobRecord): JobRecord {
  if (record.owner === null) return record;
  const told = volume.leases.progressOf(record.owner.calculator, record.id)?.fraction ?? 0;
  return { ...record, state: 'queued', owner: null, fraction: Math.max(record.fraction, told) };
}

/** Writes down what a dead worker did not live to. */
async function settle(
  volume: FileVolume,
  record: JobRecord,
  to: 'completed' | 'failed' | 'paused' | 'terminated',
): Promise<void> {
  if (to === 'completed') await closeJob(volume, record, { state: to, fraction: 1 });
  else if (to === 'paused')
    await volume.records.write({ ...record, state: to, request: null }, { durable: true });
  else await closeJob(volume, record, { state: to });
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
