import type { JobStore, WorkerSlots } from '@pi-jobs/core';
import { defineRoute, type Route } from '@pi-jobs/http-kit';
import { z } from 'zod';
import { withWorkerProblems } from '../workers/worker-problems.ts';
import { toWorkerView, workerViewSchema } from '../workers/worker-view.ts';

const STATUS = 'must be paused, running or terminated';

const paramsSchema = z.object({
  worker_id: z.string(),
  new_job_status: z.enum(['paused', 'running', 'terminated'], { error: STATUS }),
});

interface Dependencies {
  readonly slots: WorkerSlots;
  readonly jobs: Pick<JobStore, 'get'>;
}

/** `POST /modify/:worker_id/:new_job_status`: answered when it is so. */
export function modifyWorker({ slots, jobs }: Dependencies): Route {
  return defineRoute({
    method: 'POST',
    path: '/modify/:worker_id/:new_job_status',
    summary: 'Pause, resume or terminate the work of a worker id',
    params: paramsSchema,
    invalidPathStatus: 400,
    responses: {
      200: { description: 'The work and its new status.', schema: workerViewSchema },
      400: { description: 'A bad status, a move that the state does not allow, or a bad worker id.' },
    },
    async handler({ params }) {
      const worker = await withWorkerProblems(slots.command(params.worker_id, params.new_job_status));
      const job = worker.jobId === null ? undefined : await jobs.get(worker.jobId);
      return { status: 200, body: toWorkerView(worker, job) };
    },
  });
}
