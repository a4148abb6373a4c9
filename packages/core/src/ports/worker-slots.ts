import type { JobId, JobKind } from '../job/job.ts';
import type { JobState } from '../job/job-state.ts';
import type { Command } from './job-store.ts';

/** A worker id and what became of the slot that it stands for. Times are ISO 8601 in UTC. */
export interface Worker {
  readonly workerId: string;
  /** What it was used for; null while it is only reserved. */
  readonly kind: JobKind | null;
  readonly state: JobState;
  readonly expiresAt: string;
  /** When the id was used; null until then. */
  readonly startedAt: string | null;
  /** Of a digit job. */
  readonly jobId: JobId | null;
  /** Of a transfer. */
  readonly transfer: TransferProgress | null;
  readonly filename: string | null;
  readonly error: string | null;
}

export interface TransferProgress {
  readonly bytes: number;
  /** Null when the sender did not say. */
  readonly total: number | null;
  readonly bytesPerSecond: number | null;
}

export interface NewTransfer {
  readonly kind: 'upload' | 'download';
  readonly filename: string;
  /** Bytes; null when the sender did not say. */
  readonly total: number | null;
}

export interface TransferQuery {
  readonly kind: 'upload' | 'download';
  /** 1 to 500. */
  readonly limit: number;
  /** From an earlier page's `nextCursor`. */
  readonly cursor?: string;
  readonly state?: JobState;
}

export interface TransferPage {
  /** Newest first. */
  readonly workers: readonly Worker[];
  readonly nextCursor: string | null;
}

export interface SlotCount {
  /** Jobs that may run at once. */
  readonly limit: number;
  readonly free: number;
}

export interface Reservation {
  readonly workerId: string;
  readonly expiresAt: string;
}

/** An upload or download that is controlled from elsewhere. The one who moves the bytes asks `admit` before each chunk. */
export interface ControlledTransfer {
  /** Fires with a `StopError` when the transfer is to end: on request (`terminate`), or because its slot was given away (`lost`). */
  readonly signal: AbortSignal;
  /** No bytes move until it is resumed. */
  readonly isPaused: boolean;
  /** Resolves when bytes may move: at once, or when a pause is over. Rejects with the signal's reason. */
  admit(): Promise<void>;
  /** `bytes` more have been moved; ends what `admit` began. */
  moved(bytes: number): void;
  /** Frees the slot. */
  end(state: 'completed' | 'failed' | 'terminated', error?: string): Promise<void>;
}

/** The worker id cannot be used: nobody was given it, it was used already, or its time is over. */
export class WorkerIdError extends Error {
  override readonly name = 'WorkerIdError';
}

/** The state does not allow what was asked. */
export class WorkerStateError extends Error {
  override readonly name = 'WorkerStateError';
  readonly state: JobState;
  /** What may be asked of the work now. */
  readonly allowed: readonly JobState[];

  constructor(state: JobState, message: string, allowed: readonly JobState[]) {
    super(message);
    this.state = state;
    this.allowed = allowed;
  }
}

/**
 * Slots for long work, counted over every process that shares the store. A slot is held by a reservation that is not used yet, by a
 * running digit job, or by a transfer; it is free again when its holder ends, expires or dies.
 */
export interface WorkerSlots {
  /** Undefined when every slot is taken. */
  reserve(): Promise<Reservation | undefined>;
  count(): Promise<SlotCount>;
  /** Undefined when the id is none that was given out, or ended more than a day ago. */
  get(workerId: string): Promise<Worker | undefined>;
  /** Uploads or downloads under way, and those that ended within the last day. Rejects with an `InvalidCursorError` when the cursor is none. */
  listTransfers(query: TransferQuery): Promise<TransferPage>;
  /** Throws a `WorkerIdError` unless the id is reserved and not expired. Takes nothing. */
  check(workerId: string): Promise<void>;
  /**
   * Uses the id for a digit job, which then runs in the slot that the id held. `createJob` is called once the id is ours, and makes a
   * job that bears it.
   */
  useForJob(workerId: string, createJob: () => Promise<JobId>): Promise<JobId>;
  /** Uses the id for a transfer that this process carries out. */
  useForTransfer(workerId: string, transfer: NewTransfer): Promise<ControlledTransfer>;
  /**
   * Resolves with the state once it is what was asked for, or as it is after 2 seconds. Throws a `WorkerIdError` for an id that is
   * none, a `WorkerStateError` for a move that the state does not allow.
   */
  command(workerId: string, command: Command): Promise<Worker>;
}
