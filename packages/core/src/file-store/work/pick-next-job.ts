import { nextInLine } from '../../job/rules/claim-rules.ts';
import type { JobRecord } from '../jobs/job-record.ts';
import type { FileVolume } from '../volume/file-volume.ts';
import { knownWorker } from '../workers/file-worker-registry.ts';
import { countHeldSlots } from '../workers/survey-slots.ts';
import { readCursor, writeCursor } from './line-cursor.ts';
import {
  closingRecords,
  freshRecord,
  hasResult,
  type IsHeld,
  setAside,
  settleOrphans,
} from './settle-jobs.ts';

/** Jobs looked at in one search, which is made inside the mutex: everybody waits for its end. */
const MOST_LOOKS = 2_000;

export interface PickOptions {
  readonly maxConcurrentJobs: number;
  readonly isHeld: IsHeld;
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
  const orphans = await settleOrphans(volume, options.isHeld);
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

function hasHappened(volume: FileVolume, id: number): boolean {
  const num = volume.ledger.numOf(id);
  return num === undefined || volume.records.read(id, num) !== undefined || hasResult(volume, id, num);
}
