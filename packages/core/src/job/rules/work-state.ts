import type { JobState } from '../job-state.ts';

/** What a client asks of a running job, until its worker has done it. */
export type Request = 'paused' | 'terminated';

/** What the rules know of a job's record, whatever store it is in. */
export interface WorkState {
  readonly state: JobState;
  readonly request: Request | null;
}

/**
 * What a job is now. A running one whose worker is gone is what a client asked for last, or else waits for the next worker: a crash
 * needs nobody to write that down.
 */
export function stateNow({ state, request }: WorkState, isWorkerAlive: boolean): JobState {
  return state === 'running' && !isWorkerAlive ? (request ?? 'queued') : state;
}
