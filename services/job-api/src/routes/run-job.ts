import {
  type Capacity,
  type DigitJob,
  isTerminal,
  type JobId,
  type JobObserver,
  type JobStore,
  jobViewSchema,
  toJobView,
  type WorkerSlots,
} from '@pi-jobs/core';
import { defineRoute, kitProblems, type Route } from '@pi-jobs/http-kit';
import { z } from 'zod';
import type { CalculatorNotifier } from '../jobs/calculator-notifier.ts';
import { checkFits } from '../jobs/check-fits.ts';
import { digitJobSchema } from '../jobs/digit-job-schema.ts';
import { jobLinks, linksSchema } from '../jobs/job-links.ts';
import { withWorkerProblems, workerProblems } from '../workers/worker-problems.ts';

/** As long as a timer can be set for: 24 days. The wait is begun anew as often as it takes. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

export interface RunJobDependencies {
  readonly jobs: JobStore;
  readonly observer: JobObserver;
  readonly slots: WorkerSlots;
  readonly notifier: Pick<CalculatorNotifier, 'notify'>;
  readonly downloadApiUrl: string;
  readonly maxDigits: number;
  readonly capacity: Capacity;
  /** How long a held answer may wait for its job after the service began to stop, in milliseconds. */
  readonly drainWaitMs: number;
}

const replySchema = jobViewSchema.extend({ worker_id: z.uuid(), links: linksSchema });

/** Runs a digit job in the slot that a worker id holds, and answers when the job has ended. */
export function runJob(deps: RunJobDependencies): Route {
  return defineRoute({
    method: 'POST',
    path: '/job/new/:worker_id',
    summary: 'Run a digit job and wait for its end',
    body: { json: digitJobSchema(deps.maxDigits) },
    responses: {
      200: { description: 'The job has ended, completed or terminated.', schema: replySchema },
      400: { description: 'A bad, used or expired worker id, or a bad body, which leaves the id unused.' },
      500: { description: 'The job failed.' },
      503: { description: 'The service stops before the job has ended; the job goes on.' },
    },
    async handler({ params, body, signal, draining }) {
      const workerId = params.worker_id;
      await checkFits(body.num, deps.capacity);
      const jobId = await withWorkerProblems(
        deps.slots.useForJob(workerId, async () => (await deps.jobs.create({ ...body, workerId })).id),
      );
      deps.notifier.notify({ id: jobId, num: body.num });
      const job = await waitForEnd(deps, jobId, signal, draining);
      const links = jobLinks(jobId, deps.downloadApiUrl);
      const view = { ...toJobView(job), worker_id: workerId, links };
      // Nobody hears the answer any more; the job goes on.
      if (signal.aborted) return { status: 200, body: view };
      if (!isTerminal(job.state)) {
        throw kitProblems.shutting_down(`the service stops; job ${jobId} goes on`, {
          headers: { 'Retry-After': 5 },
          members: { job_id: view.job_id, worker_id: workerId, links },
        });
      }
      if (job.state === 'failed') {
        throw workerProblems.work_failed(job.error ?? 'the job failed', {
          members: { job_id: view.job_id, worker_id: workerId, links },
        });
      }
      return { status: 200, body: view };
    },
  });
}

async function waitForEnd(
  { observer, drainWaitMs }: RunJobDependencies,
  id: JobId,
  signal: AbortSignal,
  draining: AbortSignal,
): Promise<DigitJob> {
  const whileServing = AbortSignal.any([signal, draining]);
  let job: DigitJob | undefined;
  do {
    job = await observer.waitUntil(id, () => false, { timeoutMs: LONGEST_WAIT_MS, signal: whileServing });
  } while (job !== undefined && !isTerminal(job.state) && !whileServing.aborted);
  if (job?.state === 'running' && draining.aborted) {
    // A job that still runs may end in time; one that its calculator let go of does not.
    const hasStopped = ({ state }: DigitJob): boolean => state !== 'running';
    job = await observer.waitUntil(id, hasStopped, { timeoutMs: drainWaitMs, signal });
  }
  if (job === undefined) throw new Error(`job ${id} was created and is not there`);
  return job;
}
