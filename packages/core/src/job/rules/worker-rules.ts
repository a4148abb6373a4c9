import type { Command } from '../../ports/job-store.ts';
import { canMove, isTerminal, type JobState } from '../job-state.ts';

/** What the rules know of a worker id's record, whatever store it is in. */
export interface WorkerWork {
  /** What the id was used for; null while it is only reserved. */
  readonly kind: 'digits' | 'upload' | 'download' | null;
  /** Of a digit job only `queued`: what became of it stands in the job's own record. */
  readonly state: JobState;
  readonly expiresAt: string;
  /** The digit job, once it is there. */
  readonly jobId: string | null;
  /** What a client asked of a transfer and its process has not done yet. */
  readonly request: Command | null;
}

/** What time and death have done to a worker id since its record was written, or undefined when it is as it says. */
export function fateOf(
  { kind, state, expiresAt, jobId }: WorkerWork,
  now: number,
  isProcessAlive: boolean,
): 'expired' | 'failed' | undefined {
  if (isTerminal(state)) return undefined;
  if (kind === null) return Date.parse(expiresAt) <= now ? 'expired' : undefined;
  return jobId === null && !isProcessAlive ? 'failed' : undefined;
}

/** The digit job of a worker id, as far as slots go. */
export interface SlotJob {
  readonly state: JobState;
  /** The id's slot is kept for the job's beginning. */
  readonly keepsSlot: boolean;
}

/** Does the id hold a slot? It is kept for its digit job, which takes it over when it begins. */
export function workerHoldsSlot({ state, jobId }: WorkerWork, job: SlotJob | undefined): boolean {
  if (isTerminal(state)) return false;
  return jobId === null || (job !== undefined && job.state === 'queued' && job.keepsSlot);
}

/** What a command does to a worker id's record. */
export type WorkerPlan =
  /** It is so already. */
  | { readonly does: 'nothing' }
  /** Its digit job is just being made, and takes orders once it is there. */
  | { readonly does: 'wait' }
  | { readonly does: 'refuse' }
  /** A reservation ends at once. */
  | { readonly does: 'end' }
  /** The process that moves the bytes is asked. */
  | { readonly does: 'ask' };

/** For reservations and transfers; a digit job is commanded by its own id. Of a transfer asked to pause, going on takes the pause back. */
export function planWorkerCommand({ kind, state, request }: WorkerWork, command: Command): WorkerPlan {
  if (kind === 'digits' && !isTerminal(state)) return { does: 'wait' };
  if (state === command && request === null) return { does: 'nothing' };
  if (state === 'reserved') return { does: command === 'terminated' ? 'end' : 'refuse' };
  if (request === 'terminated' && command !== 'terminated') return { does: 'refuse' };
  return { does: state === command || canMove(state, command, 'client') ? 'ask' : 'refuse' };
}
