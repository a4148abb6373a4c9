import type { Command, CommandOutcome } from '../../ports/job-store.ts';
import { canMove } from '../job-state.ts';
import { type Request, stateNow, type WorkState } from './work-state.ts';

/** What a command does to a job's record. */
export type CommandPlan =
  /** The record stays as it is. */
  | { readonly does: 'nothing'; readonly outcome: CommandOutcome['outcome'] }
  /** Its worker is asked, or no longer asked when `request` is null: the record bears the request until it is done. */
  | { readonly does: 'ask'; readonly request: Request | null }
  /** Nobody works on it: it is so at once. */
  | { readonly does: 'move'; readonly to: 'queued' | Request };

/**
 * A job that nobody runs changes at once; of one that runs its worker is asked, and does it within a fraction of a second or, if it dies
 * before, leaves it to whoever finds the job next.
 *
 * - Asking for what is already so is done. Asking twice for what is on its way is pending.
 * - Resuming takes back a pause that was asked for and has not happened. Nothing takes back a termination.
 */
export function planCommand(command: Command, record: WorkState, isWorkerAlive: boolean): CommandPlan {
  const state = stateNow(record, isWorkerAlive);
  if (state === 'running') return planForWorker(command, record.request);
  const to = command === 'running' ? 'queued' : command;
  if (state === to) return { does: 'nothing', outcome: 'done' };
  if (!canMove(state, to, 'client')) return { does: 'nothing', outcome: 'refused' };
  return { does: 'move', to };
}

function planForWorker(command: Command, request: Request | null): CommandPlan {
  if (command === 'running' && request === null) return { does: 'nothing', outcome: 'done' };
  if (command === request) return { does: 'nothing', outcome: 'pending' };
  if (request === 'terminated') return { does: 'nothing', outcome: 'refused' };
  return { does: 'ask', request: command === 'running' ? null : command };
}

export function outcomeOf(plan: CommandPlan): CommandOutcome['outcome'] {
  if (plan.does === 'nothing') return plan.outcome;
  return plan.does === 'ask' && plan.request !== null ? 'pending' : 'done';
}
