/**
 * The interface every digit engine stands behind.
 *
 * An engine gets a digit count, an abort signal, a sink, a progress callback and a place for checkpoints. It hands over the
 * digits of pi in order, as soon as each is certain, and never takes one back.
 */

/** Receives ASCII digits (`0x30`..`0x39`, no decimal point) in order; a returned promise is backpressure and must be awaited. */
export type DigitSink = (asciiDigits: Uint8Array) => void | Promise<void>;

export interface EngineProgress {
  /** What the engine is doing, a short fixed word such as `splitting`, `division`, `conversion`. */
  readonly phase: string;
  /** 0 to 1, linear in time as far as the engine can tell; never goes back. */
  readonly fraction: number;
}

/**
 * Where an engine keeps what it needs to go on after it was stopped. Atomic: a reader sees a whole checkpoint or none. A damaged
 * one (wrong length or checksum) is reported as absent, never as data.
 */
export interface CheckpointStore {
  /** Names of the checkpoints that are there, in no particular order. */
  list(): Promise<readonly string[]>;
  /** The content in chunks, or undefined when there is none or it is damaged. */
  read(name: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  /**
   * Replaces the checkpoint of that name. Names are 1 to 64 characters of `[a-z0-9.-]`. When `signal` fires before all is written, it
   * rejects and leaves what was there.
   */
  write(
    name: string,
    chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<void>;
  /** Removes it; no error when there is none. */
  delete(name: string): Promise<void>;
}

export interface DigitRequest {
  /** How many digits of pi, the leading 3 included; an integer of at least 1. */
  readonly digitCount: number;
  /** Digits that the sink's owner already has from an earlier run; the first digit handed over is this index (0 is the 3). */
  readonly firstDigit: number;
  /** Upper bound on threads that compute at once, at least 1. */
  readonly threads: number;
  /** Upper bound on memory in bytes for the computation as a whole; undefined = the engine's own judgement of the machine. */
  readonly memoryBytes?: number;
  /** When it fires the engine stops within 100 ms, also what it does for `suspend`, and rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /**
   * When it fires the engine computes no more within 100 ms, writes to `checkpoints` what it can of the work that is done, within a
   * second, and then rejects with the signal's reason. An engine that has nothing to write takes it for `signal`.
   */
  readonly suspend?: AbortSignal | undefined;
  readonly onDigits: DigitSink;
  readonly onProgress: (progress: EngineProgress) => void;
  readonly checkpoints?: CheckpointStore;
  /** Check the result by an independent computation and say so in the report. */
  readonly verify?: boolean;
}

/** What an engine can say about its run when it has handed over the last digit. */
export interface EngineReport {
  /** Name of the engine, for example `spigot`, `bigint`, `wasm`. */
  readonly engine: string;
  readonly version: string;
  readonly threads: number;
  /** Which code path was taken and why, for people: `simd-256`, `no relaxed SIMD`. */
  readonly path?: string;
  /** Wall-clock seconds by phase. */
  readonly phaseSeconds: Readonly<Record<string, number>>;
  /** Filled in when `verify` was asked for; an engine that finds a disagreement rejects instead. */
  readonly verification?: Readonly<Record<string, unknown>>;
}

export interface DigitEngine {
  readonly name: string;
  /** Bytes of memory that `digitCount` digits take at their peak with `threads` threads, an upper estimate. */
  estimateMemoryBytes(digitCount: number, threads: number): number;
  /** Rejects with the signal's reason when aborted, with an `EngineError` when it cannot give certain digits. */
  compute(request: DigitRequest): Promise<EngineReport>;
}

/** The engine cannot deliver: out of memory, an internal check failed, a worker died. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
}
