import { type JobStore, jobIdSchema, toPublicJobId } from '@pi-jobs/core';
import { defineRoute, type Route } from '@pi-jobs/http-kit';
import { z } from 'zod';
import type { Calculator } from '../calculator/calculator.ts';
import { problems } from '../problems.ts';

const bodySchema = z.strictObject({ job_id: jobIdSchema, num: z.int().positive() });

/** A hint that there is work: the calculator takes the job from the ledger, so that a lost or repeated call changes nothing. */
export function createCalculation(deps: {
  readonly jobs: JobStore;
  readonly calculator: Pick<Calculator, 'poke'>;
}): Route {
  return defineRoute({
    method: 'POST',
    path: '/calculations',
    summary: 'Tell of a job that waits',
    body: { json: bodySchema },
    responses: {
      202: {
        description: 'The job is known and will be worked on when its turn comes.',
        schema: z.object({
          success: z.literal(true),
          job_id: jobIdSchema,
          num: z.int().positive(),
          status: z.string(),
        }),
        headers: { Location: 'Where the calculation is told of.' },
      },
      404: { description: 'The ledger holds no such job.' },
      409: { description: 'The ledger holds the job with another number of digits.' },
    },
    async handler({ body }) {
      const job = await deps.jobs.get(String(body.job_id));
      if (job === undefined) throw problems.job_not_found(`the ledger holds no job ${body.job_id}`);
      if (job.num !== body.num) {
        throw problems.job_mismatch(`job ${job.id} is for ${job.num} digits, not for ${body.num}`);
      }
      deps.calculator.poke();
      return {
        status: 202,
        body: { success: true, job_id: toPublicJobId(job.id), num: job.num, status: job.state },
        headers: { Location: `/calculations/${job.id}` },
      };
    },
  });
}
