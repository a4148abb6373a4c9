import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../ports/job-store.ts';
import { canMove, isTerminal, type JobState } from '../job-state.ts';
import { isOwnedBy, nextInLine, planClaim, stateAfterStop, stopReasonOf } from './claim-rules.ts';
import { outcomeOf, planCommand } from './command-rules.ts';
import { type Request, stateNow } from './work-state.ts';

const commands: Command[] = ['paused', 'running', 'terminated'];

/** A record and its worker, changed by nothing but the rules. */
class Model {
  state: JobState = 'queued';
  request: Request | null = null;
  token: string | null = null;
  isWorkerAlive = false;
  hasResult = false;
  attempts = 0;

  get now(): JobState {
    return stateNow(this, this.isWorkerAlive);
  }

  command(command: Command) {
    const plan = planCommand(command, this, this.isWorkerAlive);
    const before = this.now;
    if (plan.does === 'ask') this.request = plan.request;
    if (plan.does === 'move') {
      expect(canMove(before, plan.to, 'client')).toBe(true);
      this.#rest(plan.to);
    }
    return outcomeOf(plan);
  }

  claim(token: string): void {
    const plan = planClaim(this, 10);
    if (plan.does === 'leave') return;
    expect(this.state === 'running' && this.isWorkerAlive, 'nobody takes a job from a live worker').toBe(
      false,
    );
    if (plan.does === 'move') {
      this.#rest(plan.to);
      return;
    }
    expect(this.now).toBe('queued');
    this.state = 'running';
    this.token = token;
    this.isWorkerAlive = true;
    this.attempts += 1;
  }

  crash(): void {
    this.isWorkerAlive = false;
  }

  /** The worker lets go, if the job is still its own. */
  stop(token: string): void {
    if (isOwnedBy(this, token)) this.#rest(stateAfterStop(this.request));
  }

  complete(token: string): void {
    if (isOwnedBy(this, token)) this.#rest('completed');
  }

  #rest(state: JobState): void {
    this.state = state;
    this.request = null;
    this.token = null;
    this.isWorkerAlive = false;
    this.attempts = 0;
  }
}

const step = fc.oneof(
  fc.record({ does: fc.constant('command' as const), command: fc.constantFrom(...commands) }),
  fc.record({
    does: fc.constantFrom('claim', 'crash', 'stop', 'complete'),
    token: fc.constantFrom('a', 'b'),
  }),
);

function take(model: Model, one: typeof step extends fc.Arbitrary<infer S> ? S : never): void {
  if ('command' in one) model.command(one.command);
  else if (one.does === 'claim') model.claim(one.token);
  else if (one.does === 'crash') model.crash();
  else if (one.does === 'stop') model.stop(one.token);
  else model.complete(one.token);
}

const played = fc.array(step, { maxLength: 40 }).map((steps) => {
  const model = new Model();
  for (const one of steps) take(model, one);
  return model;
});

describe('whatever clients, workers and crashes do', () => {
  it('nothing that has ended changes again', () => {
    fc.assert(
      fc.property(played, step, (model, one) => {
        const before = model.now;
        const wasEnded = isTerminal(model.state);
        take(model, one);
        if (wasEnded) expect(model.now).toBe(before);
      }),
    );
  });

  it('asking twice is asking once', () => {
    fc.assert(
      fc.property(played, fc.constantFrom(...commands), (model, command) => {
        const first = model.command(command);
        const after = { ...model };
        expect(model.command(command)).toBe(first);
        expect({ ...model }).toEqual(after);
      }),
    );
  });

  it('a termination that was not refused is true once the worker has stopped, or died', () => {
    fc.assert(
      fc.property(played, fc.boolean(), fc.array(fc.constantFrom(...commands)), (model, dies, later) => {
        if (model.command('terminated') === 'refused') return;
        for (const command of later)
          if (command !== 'terminated') expect(model.command(command)).toBe('refused');
        if (dies) model.crash();
        else model.stop(model.token ?? 'a');
        expect(model.now).toBe('terminated');
      }),
    );
  });

  it('the last of pause and resume counts', () => {
    const pauseOrResume = fc.constantFrom<Command>('paused', 'running');
    fc.assert(
      fc.property(played, fc.array(pauseOrResume, { minLength: 1 }), fc.boolean(), (model, asked, dies) => {
        const outcomes = asked.map((command) => model.command(command));
        if (outcomes.includes('refused')) return;
        if (dies) model.crash();
        else model.stop(model.token ?? 'a');
        expect(model.now).toBe(asked.at(-1) === 'paused' ? 'paused' : 'queued');
      }),
    );
  });

  it('a worker that goes on owns the job and nobody asked it to stop', () => {
    fc.assert(
      fc.property(played, fc.constantFrom('a', 'b'), (model, token) => {
        const reason = stopReasonOf(model, token);
        if (reason === undefined)
          expect([model.state, model.token, model.request]).toEqual(['running', token, null]);
        if (reason === 'pause') expect(model.request).toBe('paused');
        if (reason === 'terminate') expect(model.request).toBe('terminated');
      }),
    );
  });
});

describe('a claim', () => {
  it('finds what a crash left: the result, a request, or work', () => {
    const dead = {
      state: 'running',
      request: null,
      isWorkerAlive: false,
      hasResult: false,
      attempts: 1,
    } as const;
    expect(planClaim(dead)).toEqual({ does: 'run' });
    expect(planClaim({ ...dead, request: 'paused' })).toEqual({ does: 'move', to: 'paused' });
    expect(planClaim({ ...dead, request: 'terminated' })).toEqual({ does: 'move', to: 'terminated' });
    expect(planClaim({ ...dead, request: 'terminated', hasResult: true })).toEqual({
      does: 'move',
      to: 'completed',
    });
    expect(planClaim({ ...dead, attempts: 10 }, 10)).toEqual({ does: 'move', to: 'failed' });
    expect(planClaim({ ...dead, isWorkerAlive: true })).toEqual({ does: 'leave', isHeld: true });
    expect(planClaim({ ...dead, state: 'paused' })).toEqual({ does: 'leave', isHeld: false });
  });
});

describe('the line', () => {
  const job = fc.record({ queuedAt: fc.integer({ min: 0, max: 9 }).map(String), id: fc.integer() });
  const line = fc.record({
    kept: fc.array(job, { maxLength: 2 }),
    waiting: fc.array(job),
    fresh: fc.option(job, { nil: undefined }),
    freeSlots: fc.integer({ min: -1, max: 2 }),
  });

  it('goes first in, first out, once a slot is free; a kept slot is for its job alone', () => {
    fc.assert(
      fc.property(line, (given) => {
        const next = nextInLine(given);
        const others = given.fresh === undefined ? given.waiting : [...given.waiting, given.fresh];
        if (given.kept.length > 0) expect(next).toBe(given.kept[0]);
        else if (given.freeSlots <= 0 || others.length === 0) expect(next).toBeUndefined();
        else for (const { queuedAt } of others) expect(queuedAt >= (next?.queuedAt ?? '')).toBe(true);
      }),
    );
  });
});
