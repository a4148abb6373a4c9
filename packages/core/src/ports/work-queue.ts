import type { CheckpointStore, EngineProgress, EngineReport } from '../engine/digit-engine.ts';
import type { JobId } from '../job/job.ts';

/**
 * Why a worker must let go of a job: a client asked for `pause` or `terminate`, the worker itself is stopping (`shutdown`), or the
 * job is no longer this worker's (`lost`) and nothing may be written any more.
 */
export type StopReason = 'pause' | 'terminate' | 'shutdown' | 'lost';

export class StopError extends Error {
  override readonly name = 'StopError';
  readonly reason: StopReason;

  constructor(reason: StopReason) {
    super(`stopped: ${reason}`);
    this.reason = reason;
  }
}

/** A job that this worker owns until it says how it ended, or until the lease is lost. */
export interface ClaimedJob {
  readonly id: JobId;
  readonly num: number;
  readonly verify: boolean;
  /** Certain digits that earlier work left; the next to append has this index. */
  readonly digitsThere: number;
  /** Fires with a `StopError`: no more is to be computed. */
  readonly signal: AbortSignal;
  /** Fires with a `StopError`, be it after `signal`, when what was done is of no use any more either: `terminate` or `lost`. */
  readonly discard: AbortSignal;
  readonly checkpoints: CheckpointStore;
  /** Appends certain digits; readers see them when it resolves. */
  appendDigits(asciiDigits: Uint8Array): Promise<void>;
  /** Cheap; published with the lease's next renewal. */
  reportProgress(progress: EngineProgress): void;
  /** Digits of a finished job that are these job's first digits too, when one has at least `num`; else undefined. */
  knownDigits(): AsyncIterable<Uint8Array> | undefined;

  // Exactly one of these ends the claim. Each is a no-op that resolves to false when the lease was lost.
  complete(report: EngineReport | null): Promise<boolean>;
  fail(message: string): Promise<boolean>;
  /**
   * The work has stopped: the job becomes what a client asked for last (paused, terminated), or goes back to its old place in the
   * line when nobody asked for anything. `note` tells people why it waits.
   */
  settle(note?: string): Promise<boolean>;
}

export interface ClaimOptions {
  readonly fits?: (num: number) => boolean;
}

/** Where a worker finds work. */
export interface WorkQueue {
  /**
   * The next job in line, when there is one, a slot is free, and it `fits` what the worker can take on now. A job that does not fit
   * is not passed over, so that large ones have their turn too.
   */
  claim(options?: ClaimOptions): Promise<ClaimedJob | undefined>;
  /** Looks at once for requests to pause or terminate this worker's jobs, which are also found without it. */
  checkRequests(): Promise<void>;
  /** Gives up the lease. Every claim must have ended. */
  close(): Promise<void>;
}
