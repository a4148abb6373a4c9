import {
  type Command,
  commandAndWait,
  type JobId,
  type JobObserver,
  type JobStore,
  type JobView,
  jobViewSchema,
  movesFrom,
  toJobView,
} from '@pi-jobs/core';
import { defineRoute, type Route } from '@pi-jobs/http-kit';
import type { CalculatorNotifier } from '../jobs/calculator-notifier.ts';
import { problems } from '../problems.ts';

export interface ControlJobDependencies {
  readonly jobs: JobStore;
  readonly observer: JobObserver;
  readonly notifier: Pick<CalculatorNotifier, 'notify'>;
}

const responses = {
  200: { description: 'It is so now.', schema: jobViewSchema },
  202: { description: 'It was asked for and is not so yet; the status tells when.', schema: jobViewSchema },
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
      return command === 'running' ? resume(deps, params.id) : order(deps, params.id, command);
    },
  });
}

async function resume(deps: ControlJobDependencies, id: JobId) {
  const asked = order(deps, id, 'running');
  const job = await deps.jobs.get(id);
  if (job !== undefined) deps.notifier.notify({ id, num: job.num });
  return asked;
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
    const allowed = movesFrom(job.state, 'client');
    throw problems.state_conflict(`job ${id} is ${job.state} and cannot become ${command}`, {
      members: { current_status: job.state, allowed },
    });
  }
  return { status: outcome === 'done' ? 200 : 202, body: toJobView(job) };
}
