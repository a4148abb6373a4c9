import type { EngineReport } from '../engine/digit-engine.ts';
import type { JobState } from './job-state.ts';

/**
 * Names a job for its whole life. The file ledger counts: `"1"`, `"2"`, ... with no gap. Other stores use UUIDs. In JSON a counted
 * id is a number (`toPublicJobId`).
 */
export type JobId = string;

export type JobKind = 'digits' | 'image' | 'upload' | 'download';

export interface JobProgress {
  /** Digits that are certain and readable now, the leading 3 included. */
  readonly digitsWritten: number;
  /** 0 to 1, linear in time as far as the engine can tell. */
  readonly fraction: number;
  /** Seconds to the end, or null while nobody can tell. */
  readonly etaSeconds: number | null;
  /** What the engine is doing, or null while none works on it. */
  readonly phase: string | null;
  readonly digitsPerSecond: number | null;
}

/** A digit job as a reader sees it at one moment. Times are ISO 8601 in UTC. */
export interface DigitJob {
  readonly id: JobId;
  readonly kind: 'digits';
  /** Digits asked for, the leading 3 included. */
  readonly num: number;
  readonly verify: boolean;
  readonly state: JobState;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly progress: JobProgress;
  /** Why it failed, or why it waits. */
  readonly error: string | null;
  readonly report: EngineReport | null;
}

const COUNTED_ID = /^[1-9][0-9]{0,14}$/;

/** The counted id as a safe integer, or undefined when the text is none (no sign, no leading zero, at most 15 digits). */
export function parseCountedId(text: string): number | undefined {
  return COUNTED_ID.test(text) ? Number(text) : undefined;
}

/** How an id stands in JSON: a number when it is a counted one, else the string itself. */
export function toPublicJobId(id: JobId): number | string {
  return parseCountedId(id) ?? id;
}
