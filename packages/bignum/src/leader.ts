import type { LeaderCall } from './exports.ts';

/** Runs the calls of a team, one after the other. */
export interface Leader {
  /** Rejects when the call traps (memory used up, a check that failed for good). */
  call(call: LeaderCall, args: readonly number[]): Promise<number>;
  /** Calls that wait, and later ones, reject with the reason, the first that there is. */
  fail(reason: unknown): void;
}
