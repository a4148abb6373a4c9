import { existsSync } from 'node:fs';
import { nextInLine, planClaim } from '../../job/rules/claim-rules.ts';
import { closeJob } from '../jobs/close-job.ts';
import { type JobRecord, newJobRecord } from '../jobs/job-record.ts';
import { UNREADABLE } from '../jobs/job-records.ts';
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

export interface Pick {
  /** The job whose turn it is, when a slot is free. */
  readonly next: JobRecord | undefined;
  /** Closed records whose last step is due. */
  readonly closed: readonly JobRecord[];
  /** Jobs that have failed because their records cannot be read. */
  readonly unreadable: readonly number[];
}

/**
 * The job whose turn it is, when a slot is free; inside the mutex. In line are the jobs with an open record that wait or whose
 * owner is gone, and behind the cursor those to which nothing has happened yet. First in, first out by `queuedAt`; a crash changes
 * no place. A job for which a worker id holds a slot does not stand in line: the slot is its own. Takes time by what has happened since
 * the last look and not by the jobs that wait.
 */
export async function pickNextJob(volume: FileVolume, options: PickOptions): Promise<Pick> {
  const { ledger, openJobs, leases } = volume;
  ledger.refresh();
  await openJobs.refresh();
  const unreadable = [...openJobs.unreadable];
  const closed = [...(await setAside(volume)), ...closingRecords(volume)];
  const orphans = await settleOrphans(volume, options);
  closed.push(...orphans.closed);
  const held = await countHeldSlots(volume, (record) => knownWorker(volume, record, undefined));
  const limit = await leases.smallestLimit(options.maxConcurrentJobs);
  const running = openJobs.running.size - orphans.found;
  const freeSlots = limit - running - held - openJobs.kept.size;
  const kept = [...openJobs.kept.values()];
  const line = { kept, waiting: [], fresh: undefined, freeSlots };
  if (freeSlots <= 0) return { next: nextInLine(line), closed, unreadable };
  const { fresh, isWhole } = await searchLine(volume);
  // Whose turn it is shows when the search has come to its end; the next look goes on with it.
  if (!isWhole) return { next: nextInLine({ ...line, freeSlots: 0 }), closed, unreadable };
  const waiting = [...openJobs.waiting.values(), ...orphans.waiting];
  return { next: nextInLine({ ...line, waiting, fresh }), closed, unreadable };
}

/** Fails the jobs whose records cannot be read, so that they do not stop the line. */
async function setAside(volume: FileVolume): Promise<JobRecord[]> {
  const closed: JobRecord[] = [];
  for (const id of volume.openJobs.unreadable) {
    const num = volume.ledger.numOf(id);
    if (num === undefined) continue;
    const state = hasResult(volume, id, num) ? 'completed' : 'failed';
    const record = freshRecord(volume, id, num);
    closed.push(await closeJob(volume, record, { state, error: state === 'failed' ? UNREADABLE : null }));
    await volume.records.setAside(id);
  }
  return closed;
}

/** Jobs whose last step somebody has not taken, or is just taking. */
function closingRecords({ openJobs, ledger, records }: FileVolume): JobRecord[] {
  return [...openJobs.closing].flatMap((id) => records.read(id, ledger.numOf(id) ?? 0) ?? []);
}

/** Puts in order what crashes left; jobs that only have to go on are handed back. */
async function settleOrphans(
  volume: FileVolume,
  { isHeld }: PickOptions,
): Promise<{ readonly found: number; readonly waiting: JobRecord[]; readonly closed: JobRecord[] }> {
  const waiting: JobRecord[] = [];
  const closed: JobRecord[] = [];
  let found = 0;
  for (const record of volume.openJobs.running.values()) {
    const { id, num, owner } = record;
    const isWorkerAlive = owner !== null && isHeld(owner, id);
    const view = { ...record, isWorkerAlive, hasResult: hasResult(volume, id, num), attempts: 0 };
    const plan = planClaim(view);
    if (plan.does === 'leave') continue;
    found += 1;
    if (plan.does === 'run') waiting.push(atRest(volume, record));
    else closed.push(...(await settle(volume, atRest(volume, record), plan.to)));
  }
  return { found, waiting, closed };
}

/** The record of a job that nobody works on, with what its dead worker told last. */
function atRest(volume: FileVolume, record: JobRecord): JobRecord {
  if (record.owner === null) return { ...record, state: 'queued' };
  const told = volume.leases.progressOf(record.owner.calculator, record.id)?.fraction ?? 0;
  return { ...record, state: 'queued', owner: null, fraction: Math.max(record.fraction, told) };
}

/** Writes down what a dead worker did not live to. */
async function settle(
  volume: FileVolume,
  record: JobRecord,
  to: 'completed' | 'failed' | 'paused' | 'terminated',
): Promise<JobRecord[]> {
  if (to === 'completed') return [await closeJob(volume, record, { state: to, fraction: 1 })];
  if (to !== 'paused') return [await closeJob(volume, record, { state: to })];
  await volume.records.write({ ...record, state: to, request: null }, { durable: true });
  return [];
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
  return existsSync(layout.digits(id, num));
}

function hasResult({ layout }: FileVolume, id: number, num: number): boolean {
  return existsSync(layout.digits(id, num));
}

function freshRecord(volume: FileVolume, id: number, num: number): JobRecord {
  return newJobRecord(id, num, volume.creationOf(id).createdAt);
}
