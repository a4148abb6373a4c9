import type { DigitJob, JobId } from '../job/job.ts';
import type { JobState } from '../job/job-state.ts';

export interface NewDigitJob {
  /** Digits, the leading 3 included; the caller has checked the bounds. */
  readonly num: number;
  readonly verify: boolean;
  /** The worker id in whose slot it is to begin. */
  readonly workerId?: string;
  readonly idempotency?: Idempotency;
}

/** A client's promise that two requests with one key are one request. */
export interface Idempotency {
  readonly key: string;
  /** Equal for equal bodies. */
  readonly fingerprint: string;
}

export interface CreatedJob {
  readonly id: JobId;
  readonly num: number;
  /** The job was there already: an earlier request with this key made it. */
  readonly replayed: boolean;
}

export interface JobQuery {
  /** 1 to 500. */
  readonly limit: number;
  /** From an earlier page's `nextCursor`, or a job's id: only older ones are listed. */
  readonly cursor?: string;
  readonly state?: JobState;
}

export interface JobPage {
  /** Newest first. A filtered page may hold fewer than `limit`, even none, and still have a next one. */
  readonly jobs: readonly DigitJob[];
  readonly nextCursor: string | null;
}

/** What a client may ask of a job. `running` is asked to resume; a job with no free slot then waits as `queued`. */
export type Command = 'paused' | 'running' | 'terminated';

export interface CommandOutcome {
  /** The job after the request was recorded. */
  readonly job: DigitJob;
  /** `done`: it is so now; `pending`: its worker was asked; `refused`: the state does not allow it. */
  readonly outcome: 'done' | 'pending' | 'refused';
}

export interface UnfinishedCounts {
  readonly queued: number;
  readonly running: number;
  readonly paused: number;
}

/** The record of digit jobs, as the Job API needs it. */
export interface JobStore {
  /** Durable when it resolves. Rejects with `IdempotencyError` or the storage's error; then nothing was acknowledged. */
  create(job: NewDigitJob): Promise<CreatedJob>;
  get(id: JobId): Promise<DigitJob | undefined>;
  list(query: JobQuery): Promise<JobPage>;
  /** For monitoring; in time by the unfinished jobs at hand. */
  countUnfinished(): Promise<UnfinishedCounts>;
  /** Undefined when there is no such job. */
  command(id: JobId, command: Command): Promise<CommandOutcome | undefined>;
}

export class IdempotencyError extends Error {
  override readonly name = 'IdempotencyError';
  /** `mismatch`: the key came with another body; `in-flight`: the first request with the key has no answer yet. */
  readonly kind: 'mismatch' | 'in-flight';

  constructor(kind: 'mismatch' | 'in-flight', message: string) {
    super(message);
    this.kind = kind;
  }
}

/** The cursor is none that `list` gave out. */
export class InvalidCursorError extends Error {
  override readonly name = 'InvalidCursorError';
}
