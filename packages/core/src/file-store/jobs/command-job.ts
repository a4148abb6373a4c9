import { outcomeOf, planCommand } from '../../job/rules/command-rules.ts';
import type { Command, CommandOutcome } from '../../ports/job-store.ts';
import type { FileVolume } from '../volume/file-volume.ts';
import { closeJob, finishClosing } from './close-job.ts';
import { type JobRecord, newJobRecord } from './job-record.ts';
import { hasLiveOwner, readJob, stateOf } from './read-job.ts';

/** Records what a client asks of a job. */
export async function commandJob(
  volume: FileVolume,
  id: number,
  command: Command,
): Promise<CommandOutcome | undefined> {
  let closed: JobRecord | undefined;
  const outcome = await volume.mutex.run(async () => {
    const num = volume.ledger.numOf(id);
    if (num === undefined) return undefined;
    const known = volume.records.read(id, num);
    const record = known ?? newJobRecord(id, num, volume.creationOf(id).createdAt);
    const state = stateOf(volume, id, num, known);
    const isRunning = state === 'running' && hasLiveOwner(volume, record);
    const plan = planCommand(command, { state, request: record.request }, isRunning);
    if (plan.does === 'ask') await write(volume, { ...record, request: plan.request });
    else if (plan.does === 'move') closed = await move(volume, record, plan.to);
    const job = readJob(volume, id);
    return job && { job, outcome: outcomeOf(plan) };
  });
  if (closed !== undefined) await finishClosing(volume, closed);
  return outcome;
}

/** Resolves with the closed record of a job that has ended. */
async function move(
  volume: FileVolume,
  record: JobRecord,
  to: 'queued' | 'paused' | 'terminated',
): Promise<JobRecord | undefined> {
  const resting: JobRecord = { ...record, state: to, owner: null, request: null, keepsSlot: false };
  if (to === 'terminated') return closeJob(volume, resting, { state: to });
  if (to === 'paused') await write(volume, resting);
  // Who resumes goes to the end of the line.
  else await write(volume, { ...resting, queuedAt: new Date().toISOString(), error: null });
  return undefined;
}

async function write(volume: FileVolume, record: JobRecord): Promise<void> {
  await volume.records.write(record, { durable: true });
}
