import { isTerminal } from '../job/job-state.ts';
import type { TransferProgress, Worker } from '../ports/worker-slots.ts';
import { bytesOf, type KnownWorker } from './worker-registry.ts';

/** A worker id in the words of the port. */
export function viewWorker(known: KnownWorker): Worker {
  const { record, job } = known;
  const { workerId, kind, expiresAt, startedAt, jobId, filename, error } = record;
  const isTransfer = kind === 'upload' || kind === 'download';
  return {
    workerId,
    kind,
    state: job?.state ?? record.state,
    expiresAt,
    startedAt,
    jobId,
    transfer: isTransfer ? progressOf(known) : null,
    filename,
    error: job?.error ?? error,
  };
}

function progressOf({ record, told }: KnownWorker): TransferProgress {
  const { state, total, bytes } = record;
  if (isTerminal(state)) return { bytes, total, bytesPerSecond: null };
  const rate = state === 'paused' ? 0 : (told?.bytesPerSecond ?? null);
  return { bytes: bytesOf(record, told), total, bytesPerSecond: rate };
}
