import { existsSync } from 'node:fs';
import { planClaim } from '../../job/rules/claim-rules.ts';
import { closeJob } from '../jobs/close-job.ts';
import { type JobRecord, newJobRecord } from '../jobs/job-record.ts';
import { UNREADABLE } from '../jobs/job-records.ts';
import type { FileVolume } from '../volume/file-volume.ts';

type Owner = NonNullable<JobRecord['owner']>;

/** Is the job in its owner's hands? */
export type IsHeld = (owner: Owner, id: number) => boolean;

/** Fails the jobs whose records cannot be read, so that they do not stop the line. */
export async function setAside(volume: FileVolume): Promise<JobRecord[]> {
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
export function closingRecords({ openJobs, ledger, records }: FileVolume): JobRecord[] {
  return [...openJobs.closing].flatMap((id) => records.read(id, ledger.numOf(id) ?? 0) ?? []);
}

/** Puts in order what crashes left; jobs that only have to go on are handed back. */
export async function settleOrphans(
  volume: FileVolume,
  isHeld: IsHeld,
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

/** All its digits are there, under their final name. */
export function hasResult({ layout }: FileVolume, id: number, num: number): boolean {
  return existsSync(layout.digits(id, num));
}

/** The record of a job to which nothing has happened yet. */
export function freshRecord(volume: FileVolume, id: number, num: number): JobRecord {
  return newJobRecord(id, num, volume.creationOf(id).createdAt);
}
