import type { StopReason } from '../../ports/work-queue.ts';
import { isTerminal } from '../job-state.ts';
import type { Request, WorkState } from './work-state.ts';

/** What a worker finds when it looks at a job. */
export interface ClaimView extends WorkState {
  readonly isWorkerAlive: boolean;
  /** All digits are there under their final name. */
  readonly hasResult: boolean;
  /** Times it was begun since it last got further than ever before. */
  readonly attempts: number;
}

export type ClaimPlan =
  /** It may be taken up. */
  | { readonly does: 'run' }
  /** Another worker has it. */
  | { readonly does: 'leave'; readonly isHeld: boolean }
  /** What its last worker did not live to write down. */
  | { readonly does: 'move'; readonly to: 'completed' | 'failed' | Request };

/**
 * What a claim may take, and what a crash leaves: the last step half done, a client's request that its worker did not live to see, or
 * just work to go on with. A job that ended, or is paused, is left alone; one that was begun `maxAttempts` times and got no further than
 * before kills its workers, and is given up.
 */
export function planClaim(job: ClaimView, maxAttempts = Number.POSITIVE_INFINITY): ClaimPlan {
  if (isTerminal(job.state)) return { does: 'leave', isHeld: false };
  if (job.state === 'running' && job.isWorkerAlive) return { does: 'leave', isHeld: true };
  if (job.hasResult) return { does: 'move', to: 'completed' };
  if (job.state === 'paused') return { does: 'leave', isHeld: false };
  if (job.request !== null) return { does: 'move', to: job.request };
  return job.attempts >= maxAttempts ? { does: 'move', to: 'failed' } : { does: 'run' };
}

/** What a job becomes when its worker lets go of it before it is done. */
export function stateAfterStop(request: Request | null): 'queued' | Request {
  return request ?? 'queued';
}

export interface OwnedState extends WorkState {
  /** New with every claim. */
  readonly token: string | null;
}

/** May the one who claimed it with `token` still change it? */
export function isOwnedBy(record: OwnedState | undefined, token: string | null): boolean {
  return record?.state === 'running' && token !== null && record.token === token;
}

const REASONS = { paused: 'pause', terminated: 'terminate' } as const;

/** Why the one who claimed it with `token` must stop, or undefined when he may go on. */
export function stopReasonOf(record: OwnedState | undefined, token: string | null): StopReason | undefined {
  if (record === undefined || !isOwnedBy(record, token)) return 'lost';
  return record.request === null ? undefined : REASONS[record.request];
}

export interface Line<J> {
  /** Jobs that wait and have a slot of their own, oldest first. */
  readonly kept: readonly J[];
  /** Jobs that wait for any slot. */
  readonly waiting: Iterable<J>;
  /** The oldest job to which nothing has happened yet. */
  readonly fresh: J | undefined;
  readonly freeSlots: number;
}

/**
 * The job whose turn it is. One for whose beginning a slot is kept does not stand in line; all others go first in, first out, by
 * `queuedAt`, which a crash does not change.
 */
export function nextInLine<J extends { readonly queuedAt: string }>(line: Line<J>): J | undefined {
  const [kept] = line.kept;
  if (kept !== undefined) return kept;
  if (line.freeSlots <= 0) return undefined;
  let first: J | undefined;
  for (const job of line.waiting) if (first === undefined || job.queuedAt < first.queuedAt) first = job;
  if (line.fresh === undefined) return first;
  return first !== undefined && first.queuedAt <= line.fresh.queuedAt ? first : line.fresh;
}
