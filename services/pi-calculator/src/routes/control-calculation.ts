import {
  type Command,
  commandAndWait,
  describeRefusal,
  type JobObserver,
  type JobStore,
  jobViewSchema,
  toJobView,
} from '@pi-jobs/core';
import { defineRoute, type Route } from '@pi-jobs/http-kit';
import type { Calculator } from '../calculator/calculator.ts';
import { problems } from '../problems.ts';

export interface ControlCalculationDependencies {
  readonly jobs: JobStore;
  readonly observer: JobObserver;
  readonly calculator: Pick<Calculator, 'poke'>;
}

const COMMANDS = { pause: 'paused', resume: 'running', terminate: 'terminated' } as const;

/** `POST /calculations/:job_id/pause|resume|terminate`: any calculator of the volume takes the request for any job. */
export function controlCalculation(deps: ControlCalculationDependencies): Route[] {
  return (['pause', 'resume', 'terminate'] as const).map((verb) =>
    defineRoute({
      method: 'POST',
      path: `/calculations/:job_id/${verb}` as const,
      summary: `Ask for the job to be ${COMMANDS[verb]}`,
      responses: {
        200: { description: 'It is so now.', schema: jobViewSchema },
        202: { description: 'It was asked for and is not so yet.', schema: jobViewSchema },
        404: { description: 'The ledger holds no such job.' },
        409: { description: 'The state of the job does not allow it.' },
      },
      handler: ({ params }) => order(deps, params.job_id, COMMANDS[verb]),
    }),
  );
}

async function order(deps: ControlCalculationDependencies, id: string, command: Command) {
  const ordered = commandAndWait(deps.jobs, deps.observer, id, command);
  deps.calculator.poke();
  const result = await ordered;
  if (result === undefined) throw problems.job_not_found(`the ledger holds no job ${id}`);
  const { job, outcome } = result;
  if (outcome !== 'refused') {
    return { status: outcome === 'done' ? (200 as const) : (202 as const), body: toJobView(job) };
  }
  const { detail, members } = describeRefusal(job, command);
  throw problems.state_conflict(detail, { members });
}
