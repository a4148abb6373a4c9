import type { DigitJob, JobId } from '../job/job.ts';
import type { SlotCount, TransferProgress } from '../ports/worker-slots.ts';
import type { WorkerRecord } from './worker-record.ts';

/** A worker id as it is now, and what else is known of its work. */
export interface KnownWorker {
  /** With what time and death have done to it since it was written. */
  readonly record: WorkerRecord;
  /** What its process told last of the transfer it carries out. */
  readonly told: TransferProgress | undefined;
  /** The digit job that it was used for. */
  readonly job: DigitJob | undefined;
}

/** The sign of life of a process that carries out transfers. */
export interface TransferLease {
  /** Names this process in its records. */
  readonly processId: string;
  /** Told with the next sign of life. */
  setTransfer(workerId: string, progress: TransferProgress): void;
  clearTransfer(workerId: string): void;
  /** No more signs of life. */
  stop(): Promise<void>;
}

/** Where worker ids stand: what a store has to do so that `StoredWorkerSlots` can stand on it. One for each process. */
export interface WorkerRegistry {
  readonly lease: TransferLease;
  /** How often a transfer looks whether something was asked of it, in milliseconds. */
  readonly lookMs: number;
  /** Puts the reservation down if a slot is free; however many ask at once, no more than there are slots get one. */
  grant(reservation: WorkerRecord): Promise<boolean>;
  count(): Promise<SlotCount>;
  /** Undefined when nobody was given the id, or it ended more than a day ago. */
  read(workerId: string): Promise<KnownWorker | undefined>;
  list(): Promise<KnownWorker[]>;
  /**
   * Changes a record, alone. `change` may be called several times, gets the record as `read` tells it, and returns undefined to leave
   * it as it is. Resolves with the record as it is then, or undefined when there is none.
   */
  update(
    workerId: string,
    change: (record: WorkerRecord) => WorkerRecord | undefined,
  ): Promise<WorkerRecord | undefined>;
  /** The id's slot passes on to the digit job that was made for it. */
  bindJob(workerId: string, jobId: JobId): Promise<void>;
  /** Removes what was ended so long ago that nobody is told of it any more. */
  sweep(): Promise<void>;
}

/** The record with what time and death have done to it. */
export function settledAs(
  record: WorkerRecord,
  fate: 'expired' | 'failed' | undefined,
  told: TransferProgress | undefined,
): WorkerRecord {
  if (fate === undefined) return record;
  if (fate === 'expired') return { ...record, state: 'expired' };
  const bytes = bytesOf(record, told);
  return {
    ...record,
    state: 'failed',
    bytes,
    request: null,
    error: 'the server that carried it out is gone',
  };
}

/** The sign of life tells of the past quarter of a second; of a paused transfer the record knows the last byte. */
export function bytesOf({ state, bytes }: WorkerRecord, told: TransferProgress | undefined): number {
  return state === 'paused' ? bytes : Math.max(bytes, told?.bytes ?? 0);
}
