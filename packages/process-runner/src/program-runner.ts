import type { ProgramLimits } from './program-limits.ts';

export interface ProgramRequest {
  /** A name that is looked up on the runner's own PATH, or an absolute path. */
  readonly program: string;
  /** Handed over as they are, one argument each: no shell reads them. */
  readonly args: readonly string[];
  /** Overrides the runner's limits one by one. */
  readonly limits?: Partial<ProgramLimits>;
  /** Takes the run out of the line, or ends its whole process group. */
  readonly signal?: AbortSignal;
}

/**
 * Gets each line of standard output in order, without its newline, as soon as it is there. Lines are read as UTF-8; a byte that is
 * none becomes U+FFFD. A last line without newline counts. Return `false` for "enough": the program is ended and no further line
 * comes. What it throws ends the program too, and rejects the run.
 */
export type LineSink = (line: string) => boolean | undefined;

/**
 * Why a run ended.
 *
 * - `exited`: the program ended by itself; `exitCode` says how.
 * - `killed`: a signal that the runner did not send ended it; `signal` says which. One that SIGINT or SIGTERM ends as it starts is
 *   started once more: a Ctrl-C may have met it before it was in a group of its own.
 * - `enough`: the sink returned `false`.
 * - `aborted`: the caller's signal fired, or the runner was told to end everything.
 * - `timeout`, `output-limit`, `line-limit`, `line-too-long`: the limit of that name.
 * - `spawn-failed`: it never ran; `error` says why.
 */
export type ProgramEnd =
  | 'exited'
  | 'killed'
  | 'enough'
  | 'aborted'
  | 'timeout'
  | 'output-limit'
  | 'line-limit'
  | 'line-too-long'
  | 'spawn-failed';

export interface ProgramOutcome {
  readonly reason: ProgramEnd;
  /** Null when a signal ended the program or it never ran. */
  readonly exitCode: number | null;
  /** The signal that ended it, whoever sent it. */
  readonly signal: NodeJS.Signals | null;
  /** The last 4,096 bytes of standard error. */
  readonly stderr: string;
  /** Only with `spawn-failed`. */
  readonly error?: Error;
}

export interface DrainReport {
  /** False when the bound was reached and what still ran was ended. */
  readonly isClean: boolean;
  /** Runs that the drain ended or took out of the line. */
  readonly ended: number;
}

/** Starts external programs, a bounded number at once; the others wait in a bounded line, first in, first out. */
export interface ProgramRunner {
  /**
   * Resolves when the program and its process group are gone and its output has been handed over. Every end of a program is an
   * outcome; it rejects with a `RunnerRefusedError` when the line is full or the runner is draining, with a RangeError for limits
   * that are none, and with what the sink threw.
   */
  run(request: ProgramRequest, onLine?: LineSink): Promise<ProgramOutcome>;
  /** Programs that run now. */
  readonly running: number;
  /** Runs that wait in line. */
  readonly waiting: number;
  /**
   * Takes no new run, lets those that run and those in line end by themselves, and ends what is left after `timeoutMs`. Resolves
   * when nothing is left.
   */
  drain(timeoutMs: number): Promise<DrainReport>;
  /**
   * Takes no new run and ends everything now. The kill signals are out when it returns, so that
   * `process.once('exit', () => runner.endAll())` leaves no program behind however the process comes to call `process.exit`.
   */
  endAll(): void;
}
