import {
  type Command,
  commandAndWait,
  describeRefusal,
  type JobId,
  type JobObserver,
  type JobStore,
  type JobView,
  movesFrom,
  toJobView,
} from '@pi-jobs/core';
import { defineRoute, type Route } from '@pi-jobs/http-kit';
import { type ImageJob, type ImageJobs, toImageJobView } from '@pi-jobs/image-jobs';
import { anyJobViewSchema } from '../jobs/all-jobs.ts';
import type { CalculatorNotifier } from '../jobs/calculator-notifier.ts';
import { problems } from '../problems.ts';

export interface ControlJobDependencies {
  readonly jobs: JobStore;
  readonly images: Pick<ImageJobs, 'get' | 'terminate'>;
  readonly observer: JobObserver;
  readonly notifier: Pick<CalculatorNotifier, 'notify'>;
}

const responses = {
  200: { description: 'It is so now.', schema: anyJobViewSchema },
  202: {
    description: 'It was asked for and is not so yet; the status tells when.',
    schema: anyJobViewSchema,
  },
  404: { description: 'No such job.' },
  409: { description: 'The state of the job does not allow it; `allowed` tells what it allows.' },
};

/** `POST /jobs/:id/pause`, `/resume`, `/terminate` and `DELETE /jobs/:id`, each answered when it has taken effect. */
export function controlJob(deps: ControlJobDependencies): Route[] {
  const terminate = { command: 'terminated', summary: 'End a job for good; its record stays' } as const;
  return [
    route(deps, 'POST', '/jobs/:id/pause', {
      command: 'paused',
      summary: 'Stop the work, keep what was done',
    }),
    route(deps, 'POST', '/jobs/:id/resume', { command: 'running', summary: 'Go on with a paused job' }),
    route(deps, 'POST', '/jobs/:id/terminate', terminate),
    route(deps, 'DELETE', '/jobs/:id', terminate),
  ];
}

function route(
  deps: ControlJobDependencies,
  method: 'POST' | 'DELETE',
  path: '/jobs/:id' | `/jobs/:id/${string}`,
  { command, summary }: { readonly command: Command; readonly summary: string },
): Route {
  return defineRoute({
    method,
    path,
    summary,
    responses,
    async handler({ params }) {
      const image = await deps.images.get(params.id);
      if (image !== undefined) return orderImage(deps, image, command);
      return command === 'running' ? resume(deps, params.id) : order(deps, params.id, command);
    },
  });
}

/** The calculator is told beside the order, whose answer waits for the job to run; neither may fail with nobody to hear it. */
async function resume(deps: ControlJobDependencies, id: JobId) {
  const [answer] = await Promise.all([order(deps, id, 'running'), tellCalculator(deps, id)]);
  return answer;
}

async function tellCalculator({ jobs, notifier }: ControlJobDependencies, id: JobId): Promise<void> {
  const job = await jobs.get(id);
  if (job !== undefined) notifier.notify({ id, num: job.num });
}

/** An image takes seconds: it can be ended, and not paused. */
async function orderImage({ images }: ControlJobDependencies, image: ImageJob, command: Command) {
  const job = command === 'terminated' ? ((await images.terminate(image.id)) ?? image) : image;
  const isSo = job.state === command || (command === 'running' && job.state === 'queued');
  if (isSo) return { status: 200 as const, body: toImageJobView(job) };
  const allowed = movesFrom(job.state, 'client').filter((state) => state === 'terminated');
  throw problems.state_conflict(`image job ${job.id} is ${job.state} and cannot become ${command}`, {
    members: { current_status: job.state, allowed },
  });
}

async function order(
  { jobs, observer }: ControlJobDependencies,
  id: JobId,
  command: Command,
): Promise<{ readonly status: 200 | 202; readonly body: JobView }> {
  const result = await commandAndWait(jobs, observer, id, command);
  if (result === undefined) throw problems.job_not_found(`no job has the id ${id}`);
  const { job, outcome } = result;
  if (outcome === 'refused') {
    const { detail, members } = describeRefusal(job, command);
    throw problems.state_conflict(detail, { members });
  }
  return { status: outcome === 'done' ? 200 : 202, body: toJobView(job) };
}
