import type { JobStore, WorkerSlots } from '@pi-jobs/core';
import { defineRoute, type Route } from '@pi-jobs/http-kit';
import { workerProblems } from '../workers/worker-problems.ts';
import { toWorkerView, workerViewSchema } from '../workers/worker-view.ts';

interface Dependencies {
  readonly slots: WorkerSlots;
  readonly jobs: Pick<JobStore, 'get'>;
}

/** `GET /status/:worker_id`: what became of a worker id; ended ones are known for a day. */
export function showWorker({ slots, jobs }: Dependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/status/:worker_id',
    summary: 'How the work of a worker id is doing',
    responses: {
      200: { description: 'The work.', schema: workerViewSchema },
      400: { description: 'A bad worker id.' },
    },
    async handler({ params }) {
      const worker = await slots.get(params.worker_id);
      if (worker === undefined) throw workerProblems.bad_worker_id('no such worker id');
      const job = worker.jobId === null ? undefined : await jobs.get(worker.jobId);
      return {
        status: 200,
        body: toWorkerView(worker, job),
        headers: { 'Cache-Control': 'no-store' },
      };
    },
  });
}
