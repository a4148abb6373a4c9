import { defineRoute, kitProblems, type Route } from '@pi-jobs/http-kit';
import type { ProgramRunner } from '@pi-jobs/process-runner';
import { z } from 'zod';
import { toQueryProblem } from '../dictionary/query-problems.ts';

/** More than the program needs on a busy machine. */
const extraMs = 10_000;

/**
 * Answers when an external program that takes ten seconds has ended: for showing that a call that blocks holds up nobody else. Give
 * it a runner of its own, so that those who wait take no places from those who search.
 */
export function wait(deps: { readonly runner: ProgramRunner; readonly seconds?: number }): Route {
  const seconds = deps.seconds ?? 10;
  return defineRoute({
    method: 'GET',
    path: '/wait',
    summary: `Answer after an external program of ${seconds} seconds`,
    tags: ['dictionary'],
    responses: {
      200: { description: 'The program has ended.', schema: z.strictObject({ waited_seconds: z.number() }) },
      503: { description: 'Too many programs wait in line, or the service is shutting down.' },
    },
    async handler({ signal }) {
      const limits = { timeoutMs: seconds * 1000 + extraMs };
      const outcome = await deps.runner
        .run({ program: 'sleep', args: [String(seconds)], limits, signal })
        .catch((error: unknown) => {
          throw toQueryProblem(error);
        });
      signal.throwIfAborted();
      if (outcome.reason === 'aborted') {
        throw kitProblems.shutting_down('The program was ended because the service stops.', {
          headers: { 'Retry-After': 1 },
        });
      }
      if (outcome.exitCode !== 0) {
        throw kitProblems.internal_error('The program did not run to its end.', {
          cause: outcome.error ?? outcome,
        });
      }
      return { status: 200, body: { waited_seconds: seconds } };
    },
  });
}
