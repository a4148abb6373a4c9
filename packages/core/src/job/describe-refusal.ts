import type { Command } from '../ports/job-store.ts';
import type { DigitJob } from './job.ts';
import { isTerminal, type JobState, movesFrom } from './job-state.ts';

/** What a client is told of a command that was refused, in the words of the public interface. */
export interface Refusal {
  readonly detail: string;
  readonly members: { readonly current_status: JobState; readonly allowed: readonly JobState[] };
}

export function describeRefusal({ id, state }: Pick<DigitJob, 'id' | 'state'>, command: Command): Refusal {
  // What has not ended refuses only because somebody has asked for its end.
  const isEnding = !isTerminal(state);
  const allowed: readonly JobState[] = isEnding ? ['terminated'] : movesFrom(state, 'client');
  return {
    detail: `job ${id} is ${isEnding ? 'being terminated' : state} and cannot become ${command}`,
    members: { current_status: state, allowed },
  };
}
