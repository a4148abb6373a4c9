import { type JobStore, jobViewSchema, toJobView } from '@pi-jobs/core';
import { defineRoute, type Route } from '@pi-jobs/http-kit';
import { z } from 'zod';
import type { Calculator } from '../calculator/calculator.ts';
import { problems } from '../problems.ts';

const calculationSchema = jobViewSchema.extend({
  here: z.boolean().meta({ description: 'Does the calculator that answers work on it?' }),
});

interface Dependencies {
  readonly jobs: JobStore;
  readonly calculator: Pick<Calculator, 'runningJobIds'>;
}

const MOST_RUNNING = 500;

export function listCalculations({ jobs, calculator }: Dependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/calculations',
    summary: 'Jobs that run now, on any calculator of the volume',
    responses: {
      200: {
        description: 'Newest first.',
        schema: z.object({ calculations: z.array(calculationSchema) }),
      },
    },
    async handler() {
      const here = new Set(calculator.runningJobIds);
      const running = await jobs.list({ state: 'running', limit: MOST_RUNNING });
      const calculations = running.jobs.map((job) => ({ ...toJobView(job), here: here.has(job.id) }));
      return { status: 200, body: { calculations } };
    },
  });
}

export function showCalculation({ jobs, calculator }: Dependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/calculations/:job_id',
    summary: 'One job, as the Job API tells of it',
    responses: {
      200: { description: 'The job.', schema: calculationSchema },
      404: { description: 'The ledger holds no such job.' },
    },
    async handler({ params }) {
      const job = await jobs.get(params.job_id);
      if (job === undefined) throw problems.job_not_found(`the ledger holds no job ${params.job_id}`);
      return {
        status: 200,
        body: { ...toJobView(job), here: calculator.runningJobIds.includes(job.id) },
      };
    },
  });
}
