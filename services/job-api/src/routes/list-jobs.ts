import {
  InvalidCursorError,
  JOB_STATES,
  type JobPage,
  type JobQuery,
  type JobStore,
  jobViewSchema,
  toJobView,
} from '@pi-jobs/core';
import { decimalInteger, defineRoute, type Route } from '@pi-jobs/http-kit';
import { z } from 'zod';
import { problems } from '../problems.ts';

const querySchema = z.object({
  limit: decimalInteger({ min: 1, max: 500 }).default(50).meta({ description: 'Jobs in one answer.' }),
  cursor: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'The `next_cursor` of an earlier answer.' }),
  status: z.enum(JOB_STATES).optional(),
  kind: z.enum(['digits', 'image', 'upload', 'download']).optional(),
});

export function listJobs({ jobs }: { readonly jobs: JobStore }): Route {
  return defineRoute({
    method: 'GET',
    path: '/jobs',
    summary: 'All jobs, newest first',
    query: querySchema,
    responses: {
      200: {
        description:
          'One page. A page that was filtered may hold fewer jobs than `limit`, even none, and still have a next one.',
        schema: z.object({ jobs: z.array(jobViewSchema), next_cursor: z.string().nullable() }),
      },
    },
    async handler({ query: { limit, cursor, status, kind } }) {
      if (kind !== undefined && kind !== 'digits')
        return { status: 200, body: { jobs: [], next_cursor: null } };
      const page = await list(jobs, {
        limit,
        ...(cursor === undefined ? {} : { cursor }),
        ...(status === undefined ? {} : { state: status }),
      });
      return { status: 200, body: { jobs: page.jobs.map(toJobView), next_cursor: page.nextCursor } };
    },
  });
}

async function list(jobs: JobStore, query: JobQuery): Promise<JobPage> {
  try {
    return await jobs.list(query);
  } catch (error) {
    if (error instanceof InvalidCursorError) throw problems.invalid_cursor(error.message);
    throw error;
  }
}
