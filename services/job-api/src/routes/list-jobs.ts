import { InvalidCursorError, JOB_STATES, type JobStore, type WorkerSlots } from '@pi-jobs/core';
import { decimalInteger, defineRoute, type Route } from '@pi-jobs/http-kit';
import type { ImageJobs } from '@pi-jobs/image-jobs';
import { z } from 'zod';
import { anyJobViewSchema, toAnyJobView } from '../jobs/all-jobs.ts';
import { type MergedPage, type MergeQuery, mergeJobs } from '../jobs/merge-jobs.ts';
import { problems } from '../problems.ts';
import { toWorkerView, workerViewSchema } from '../workers/worker-view.ts';

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

interface Sources {
  readonly jobs: Pick<JobStore, 'list'>;
  readonly images: Pick<ImageJobs, 'list'>;
  readonly slots: Pick<WorkerSlots, 'listTransfers'>;
}

export function listJobs(sources: Sources): Route {
  return defineRoute({
    method: 'GET',
    path: '/jobs',
    summary: 'All jobs, newest first',
    query: querySchema,
    responses: {
      200: {
        description:
          'One page. A page that was filtered may hold fewer jobs than `limit`, even none, and still have a next one. Uploads and downloads are listed, for a day after their end, when `kind` asks for them.',
        schema: z.object({
          jobs: z.array(z.union([anyJobViewSchema, workerViewSchema])),
          next_cursor: z.string().nullable(),
        }),
      },
    },
    async handler({ query: { limit, cursor, status, kind } }) {
      const filter = {
        limit,
        ...(cursor === undefined ? {} : { cursor }),
        ...(status === undefined ? {} : { state: status }),
      };
      try {
        if (kind === 'upload' || kind === 'download') {
          const { workers, nextCursor } = await sources.slots.listTransfers({ kind, ...filter });
          const jobs = workers.map((worker) => toWorkerView(worker));
          return { status: 200, body: { jobs, next_cursor: nextCursor } };
        }
        const page = await list(sources, kind, filter);
        return { status: 200, body: { jobs: page.jobs.map(toAnyJobView), next_cursor: page.nextCursor } };
      } catch (error) {
        if (error instanceof InvalidCursorError) throw problems.invalid_cursor(error.message);
        throw error;
      }
    },
  });
}

async function list(
  sources: Sources,
  kind: 'digits' | 'image' | undefined,
  query: MergeQuery,
): Promise<MergedPage> {
  if (kind === 'digits') return await sources.jobs.list(query);
  if (kind === 'image') return await sources.images.list(query);
  return await mergeJobs(sources, query);
}
