/**
 * The states of long-running work of every kind, and the one table of moves between them.
 *
 * | party      | who that is                                                        |
 * | ---------- | ------------------------------------------------------------------ |
 * | client     | a request to pause, resume or terminate                            |
 * | worker     | the process that does the work, while it holds the lease           |
 * | supervisor | whoever finds that the worker is gone or a reservation ran out     |
 */
export const JOB_STATES = [
  'reserved',
  'queued',
  'running',
  'paused',
  'completed',
  'failed',
  'terminated',
  'expired',
] as const;

export type JobState = (typeof JOB_STATES)[number];
export type Party = 'client' | 'worker' | 'supervisor';

const MOVES: Readonly<Record<JobState, Readonly<Partial<Record<JobState, readonly Party[]>>>>> = {
  // A slot is held for a worker id that was not used yet.
  reserved: { queued: ['client'], running: ['client'], terminated: ['client'], expired: ['supervisor'] },
  queued: {
    running: ['worker'],
    paused: ['client'],
    terminated: ['client'],
    failed: ['worker', 'supervisor'],
  },
  // Back to queued: the worker was stopped or killed, or a condition such as a full disk makes the work wait.
  running: {
    queued: ['worker', 'supervisor'],
    paused: ['client'],
    completed: ['worker'],
    failed: ['worker', 'supervisor'],
    terminated: ['client'],
  },
  // A paused digit job has given its slot back and waits in line again; a paused transfer kept its slot and runs at once.
  paused: { queued: ['client'], running: ['client'], terminated: ['client'], failed: ['supervisor'] },
  completed: {},
  failed: {},
  terminated: {},
  expired: {},
};

/** May `party` cause the move? Staying in a state is no move. */
export function canMove(from: JobState, to: JobState, party: Party): boolean {
  return MOVES[from][to]?.includes(party) ?? false;
}

/** The states that `party` may ask for from here, in the table's order. */
export function movesFrom(from: JobState, party: Party): JobState[] {
  return JOB_STATES.filter((to) => canMove(from, to, party));
}

/** No move leads out of it. */
export function isTerminal(state: JobState): boolean {
  return Object.keys(MOVES[state]).length === 0;
}
