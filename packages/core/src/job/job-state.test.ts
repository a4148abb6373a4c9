import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canMove, isTerminal, JOB_STATES, type JobState, movesFrom, type Party } from './job-state.ts';

const parties: Party[] = ['client', 'worker', 'supervisor'];
const anyState = fc.constantFrom(...JOB_STATES);
const anyParty = fc.constantFrom(...parties);

describe('the job state machine', () => {
  it('has exactly four states that nothing leads out of', () => {
    expect(JOB_STATES.filter(isTerminal)).toEqual(['completed', 'failed', 'terminated', 'expired']);
  });

  it('never leaves a terminal state, whatever is asked by whom', () => {
    fc.assert(
      fc.property(anyState, fc.array(fc.tuple(anyState, anyParty)), (start, requests) => {
        let state: JobState = start;
        for (const [to, party] of requests) {
          const next = canMove(state, to, party) ? to : state;
          if (isTerminal(state)) expect(next).toBe(state);
          state = next;
        }
      }),
    );
  });

  it('lets only the worker complete a job, and only one that runs', () => {
    fc.assert(
      fc.property(anyState, anyParty, (from, party) => {
        expect(canMove(from, 'completed', party)).toBe(from === 'running' && party === 'worker');
      }),
    );
  });

  it('lets a client terminate whatever has not ended', () => {
    for (const from of JOB_STATES) expect(canMove(from, 'terminated', 'client')).toBe(!isTerminal(from));
  });

  it('counts staying as no move', () => {
    fc.assert(fc.property(anyState, anyParty, (state, party) => !canMove(state, state, party)));
  });

  it('reaches every state from reserved or queued', () => {
    const reached = new Set<JobState>(['reserved', 'queued']);
    for (let round = 0; round < JOB_STATES.length; round += 1) {
      for (const from of [...reached])
        for (const party of parties) for (const to of movesFrom(from, party)) reached.add(to);
    }
    expect([...reached].sort()).toEqual([...JOB_STATES].sort());
  });
});
