import type { JobObserver } from '@pi-jobs/core';
import { defineRoute, type Route } from '@pi-jobs/http-kit';
import { z } from 'zod';
import { type AllJobs, type AnyJob, anyJobViewSchema, toAnyJobView } from '../jobs/all-jobs.ts';
import { retryAfter } from '../jobs/retry-after.ts';
import { problems } from '../problems.ts';

const WAIT = 'must be a number of seconds from 0 to 60';

const querySchema = z.object({
  wait: z
    .string()
    .regex(/^\d{1,2}(\.\d{1,3})?$/, { error: WAIT })
    .transform(Number)
    .refine((seconds) => seconds <= 60, { error: WAIT })
    .default(0)
    .meta({ description: 'Hold the answer until the status changes, this many seconds at most.' }),
});

export function showJobStatus(deps: {
  readonly allJobs: AllJobs;
  readonly allObserver: JobObserver<AnyJob>;
}): Route {
  return defineRoute({
    method: 'GET',
    path: '/jobs/:id/status',
    summary: 'How a job is doing',
    query: querySchema,
    responses: {
      200: {
        description: 'The job as it is now.',
        schema: anyJobViewSchema,
        headers: { 'Retry-After': 'When to ask again; missing once the job has ended.' },
      },
      404: { description: 'No such job.' },
    },
    async handler({ params, query, signal, draining }) {
      const now = await deps.allJobs.get(params.id);
      if (now === undefined) throw problems.job_not_found(`no job has the id ${params.id}`);
      const job =
        query.wait === 0 ? now : await waitForChange(deps.allObserver, now, query.wait, [signal, draining]);
      return {
        status: 200,
        body: toAnyJobView(job),
        headers: { ...retryAfter(job), 'Cache-Control': 'no-store' },
      };
    },
  });
}

async function waitForChange(
  observer: JobObserver<AnyJob>,
  now: AnyJob,
  seconds: number,
  signals: readonly AbortSignal[],
): Promise<AnyJob> {
  const hasChanged = ({ state }: AnyJob): boolean => state !== now.state;
  const options = { timeoutMs: seconds * 1000, signal: AbortSignal.any([...signals]) };
  return (await observer.waitUntil(now.id, hasChanged, options)) ?? now;
}
