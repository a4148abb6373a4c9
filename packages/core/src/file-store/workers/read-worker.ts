import { parseCountedId } from '../../job/job.ts';
import { isTerminal } from '../../job/job-state.ts';
import type { Worker } from '../../ports/worker-slots.ts';
import { readJob } from '../jobs/read-job.ts';
import type { FileVolume } from '../volume/file-volume.ts';
import type { WorkerRecord } from './worker-record.ts';

/** The worker as it is now: a reservation whose time is over has expired, a transfer whose process is gone has failed. */
export function readWorker(volume: FileVolume, workerId: string): Worker | undefined {
  const record = volume.workers.read(workerId);
  return record === undefined ? undefined : viewWorker(volume, record);
}

export function viewWorker(volume: FileVolume, stored: WorkerRecord): Worker {
  const record = settleWorker(volume, stored);
  const { workerId, kind, expiresAt, startedAt, jobId, filename, error } = record;
  const job = jobOf(volume, record);
  const isTransfer = kind === 'upload' || kind === 'download';
  return {
    workerId,
    kind,
    state: job?.state ?? record.state,
    expiresAt,
    startedAt,
    jobId,
    transfer: isTransfer ? transferOf(volume, record) : null,
    filename,
    error: job?.error ?? error,
  };
}

/** The record with what time and death have done to it since it was written. */
export function settleWorker(volume: FileVolume, record: WorkerRecord): WorkerRecord {
  if (isTerminal(record.state)) return record;
  if (record.kind === null) {
    return Date.parse(record.expiresAt) <= Date.now() ? { ...record, state: 'expired' } : record;
  }
  if (record.jobId !== null) return record;
  if (record.process !== null && volume.leases.isAlive(record.process)) return record;
  const bytes = transferOf(volume, record).bytes;
  return {
    ...record,
    state: 'failed',
    bytes,
    request: null,
    error: 'the server that carried it out is gone',
  };
}

/** The digit job that the worker id was used for, if it was. */
export function jobOf(volume: FileVolume, { jobId }: WorkerRecord) {
  const id = jobId === null ? undefined : parseCountedId(jobId);
  return id === undefined ? undefined : readJob(volume, id);
}

function transferOf(volume: FileVolume, { process, workerId, bytes, total, state }: WorkerRecord) {
  if (process === null || isTerminal(state)) return { bytes, total, bytesPerSecond: null };
  // The lease tells of the past quarter of a second; of a paused transfer the record knows the last byte.
  if (state === 'paused') return { bytes, total, bytesPerSecond: 0 };
  const told = volume.leases.transferOf(process, workerId);
  return { total, bytesPerSecond: told?.bytesPerSecond ?? null, bytes: Math.max(bytes, told?.bytes ?? 0) };
}
