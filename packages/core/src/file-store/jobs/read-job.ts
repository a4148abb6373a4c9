import { statSync } from 'node:fs';
import type { DigitJob, JobProgress } from '../../job/job.ts';
import { isTerminal, type JobState } from '../../job/job-state.ts';
import { stateNow } from '../../job/rules/work-state.ts';
import { certainDigits } from '../digits/digit-file.ts';
import type { FileVolume } from '../volume/file-volume.ts';
import type { JobRecord } from './job-record.ts';

/**
 * The job as the files say it is now: a handful of `stat` calls, however many jobs there are.
 *
 * | files                                     | state                                   |
 * | ----------------------------------------- | --------------------------------------- |
 * | no row in the ledger                      | no such job                             |
 * | a closed record                           | what it says                            |
 * | the final name                            | `completed`                             |
 * | an open record, `running`, its owner live | `running`                               |
 * | an open record, `running`, its owner dead | what a client asked for, else `queued`   |
 * | any other open record                     | what it says                            |
 * | none of these                             | `queued`                                |
 */
export function readJob(volume: FileVolume, id: number): DigitJob | undefined {
  const num = volume.ledger.numOf(id);
  if (num === undefined) return undefined;
  let record = volume.records.read(id, num);
  const state = stateOf(volume, id, num, record);
  // Completed since the record was read: what there is to tell of that was written before.
  if (state === 'completed' && record?.state === 'running') record = volume.records.read(id, num);
  const { createdAt, verify } = volume.creationOf(id);
  const end = isTerminal(state) ? record : undefined;
  return {
    id: String(id),
    kind: 'digits',
    num,
    verify,
    state,
    createdAt,
    startedAt: record?.startedAt ?? null,
    finishedAt: end?.finishedAt ?? (state === 'completed' ? finishedAtOf(volume, id, num) : null),
    progress: progressOf(volume, id, num, state, record),
    error: record?.error ?? null,
    report: end?.report ?? null,
  };
}

export function stateOf(
  volume: FileVolume,
  id: number,
  num: number,
  record: JobRecord | undefined,
): JobState {
  if (record !== undefined && record.state !== 'running') return record.state;
  if (statSync(volume.layout.digits(id, num), { throwIfNoEntry: false }) !== undefined) return 'completed';
  return record === undefined ? 'queued' : stateNow(record, hasLiveOwner(volume, record));
}

export function hasLiveOwner(volume: FileVolume, record: JobRecord): boolean {
  return record.owner !== null && volume.leases.isAlive(record.owner.calculator);
}

function progressOf(
  volume: FileVolume,
  id: number,
  num: number,
  state: JobState,
  record: JobRecord | undefined,
): JobProgress {
  const still = { phase: null, digitsPerSecond: null };
  if (state === 'completed') return { digitsWritten: num, fraction: 1, etaSeconds: 0, ...still };
  if (record === undefined) return { digitsWritten: 0, fraction: 0, etaSeconds: null, ...still };
  const partial = statSync(volume.layout.partialDigits(id, num), { throwIfNoEntry: false });
  const digitsWritten = certainDigits(partial?.size ?? 0);
  const beat =
    state === 'running' && record.owner !== null
      ? volume.leases.progressOf(record.owner.calculator, id)
      : undefined;
  if (beat === undefined) return { digitsWritten, fraction: record.fraction, etaSeconds: null, ...still };
  return { digitsWritten, ...beat };
}

function finishedAtOf(volume: FileVolume, id: number, num: number): string | null {
  const file = statSync(volume.layout.digits(id, num), { throwIfNoEntry: false });
  return file === undefined ? null : new Date(file.mtimeMs).toISOString();
}
