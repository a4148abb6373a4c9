import { canMove } from '../../job/job-state.ts';
import type { Command, CommandOutcome } from '../../ports/job-store.ts';
import type { FileVolume } from '../volume/file-volume.ts';
import { closeJob } from './close-job.ts';
import { type JobRecord, newJobRecord } from './job-record.ts';
import { hasLiveOwner, readJob, stateOf } from './read-job.ts';

/**
 * Records what a client asks of a job. A job that nobody runs changes at once; of one that runs its owner is asked, and does it
 * within a fraction of a second or, if it dies before, leaves it to whoever finds the job next.
 */
export async function commandJob(
  volume: FileVolume,
  id: number,
  command: Command,
): Promise<CommandOutcome | undefined> {
  return volume.mutex.run(async () => {
    const num = volume.ledger.numOf(id);
    if (num === undefined) return undefined;
    const known = volume.records.read(id, num);
    const state = stateOf(volume, id, num, known);
    const record = known ?? newJobRecord(id, num, volume.creationOf(id).createdAt);
    const change = planCommand(command, record, {
      state,
      isRunning: state === 'running' && hasLiveOwner(volume, record),
    });
    if (typeof change !== 'string') await apply(volume, change);
    const job = readJob(volume, id);
    if (job === undefined) return undefined;
    if (typeof change === 'string') return { job, outcome: change };
    return { job, outcome: change.state === 'running' && change.request !== null ? 'pending' : 'done' };
  });
}

/** The record after the command, or the outcome when nothing is to be written. */
function planCommand(
  command: Command,
  record: JobRecord,
  now: { readonly state: JobRecord['state']; readonly isRunning: boolean },
): JobRecord | 'done' | 'pending' | 'refused' {
  const { state, isRunning } = now;
  if (command === 'running') {
    // Resuming takes back a pause that was asked for and has not happened.
    if (isRunning) {
      if (record.request === 'terminated') return 'refused';
      return record.request === null ? 'done' : { ...record, request: null };
    }
    if (state === 'queued') return 'done';
    if (!canMove(state, 'queued', 'client')) return 'refused';
    const queuedAt = new Date().toISOString();
    return { ...record, state: 'queued', owner: null, request: null, queuedAt, error: null };
  }
  if (state === command) return 'done';
  if (!canMove(state, command, 'client')) return 'refused';
  if (isRunning) {
    if (record.request === command) return 'pending';
    return record.request === 'terminated' ? 'refused' : { ...record, request: command };
  }
  return { ...record, state: command, owner: null, request: null };
}

async function apply(volume: FileVolume, record: JobRecord): Promise<void> {
  if (record.state === 'terminated') await closeJob(volume, record, { state: 'terminated' });
  else await volume.records.write(record, { durable: true });
}
