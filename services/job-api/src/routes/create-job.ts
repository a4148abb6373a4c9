import { type Capacity, IdempotencyError, type JobStore, jobIdSchema, toPublicJobId } from '@pi-jobs/core';
import { defineRoute, type Route } from '@pi-jobs/http-kit';
import { z } from 'zod';
import {
  type CreateImageJobDependencies,
  createdImageJobSchema,
  createImageJob,
} from '../images/create-image-job.ts';
import type { CalculatorNotifier } from '../jobs/calculator-notifier.ts';
import { checkFits } from '../jobs/check-fits.ts';
import { digitJobSchema } from '../jobs/digit-job-schema.ts';
import { jobLinks, linksSchema } from '../jobs/job-links.ts';
import { problems } from '../problems.ts';

export interface CreateJobDependencies extends CreateImageJobDependencies {
  readonly jobs: JobStore;
  readonly notifier: Pick<CalculatorNotifier, 'notify'>;
  readonly downloadApiUrl: string;
  readonly maxDigits: number;
  readonly capacity: Capacity;
}

const createdSchema = z.object({
  success: z.literal(true),
  job_id: jobIdSchema,
  num: z.int().positive(),
  status: z.literal('queued'),
  links: linksSchema,
});

const headersSchema = z.object({
  'idempotency-key': z.string().min(1).max(255).optional().meta({
    description:
      'Requests with one key are one request, across restarts too. Of a form the image and the operations count.',
  }),
});

/** Records a digit job or an image job, by what the body is; the answer is sent when the job is on disk. */
export function createJob(deps: CreateJobDependencies): Route {
  const { jobs, notifier, downloadApiUrl, maxDigits } = deps;
  return defineRoute({
    method: 'POST',
    path: '/jobs',
    summary: 'Create a job: digits of pi (JSON), or an image to be worked on (multipart)',
    headers: headersSchema,
    body: {
      json: digitJobSchema(maxDigits),
      stream: {
        contentTypes: ['multipart/form-data'],
        description:
          'The part `image` with the image, and perhaps the field `operations`, a JSON array of what to do with it.',
      },
    },
    responses: {
      202: {
        description: 'The job is on record and will run when its turn comes.',
        schema: z.union([createdSchema, createdImageJobSchema]),
        headers: { Location: 'Of the job.' },
      },
      400: { description: 'The body is not acceptable, the image is damaged, or there is none.' },
      409: { description: 'The first request with this Idempotency-Key is not answered yet.' },
      413: { description: 'The image is too large.' },
      415: { description: 'The content is no image of an accepted type.' },
      422: { description: 'The Idempotency-Key was used with another body.' },
      500: { description: 'The image job could not be queued: it is on record at `Location`, as failed.' },
      507: { description: 'The volume is full; nothing was recorded.' },
    },
    async handler(context) {
      const key = context.headers['idempotency-key'];
      if (context.body.kind === 'stream') return onlyOnce(createImageJob(deps, context, key));
      const body = context.body.value;
      await checkFits(body.num, deps.capacity);
      const idempotency =
        key === undefined ? {} : { idempotency: { key, fingerprint: JSON.stringify(body) } };
      const { id, num, replayed } = await onlyOnce(jobs.create({ ...body, ...idempotency }));
      if (!replayed) notifier.notify({ id, num });
      const links = jobLinks(id, downloadApiUrl);
      return {
        status: 202,
        body: { success: true, job_id: toPublicJobId(id), num, status: 'queued', links },
        headers: { Location: links.self },
      };
    },
  });
}

/** The outcome, or the problem that the request's key makes it. */
async function onlyOnce<T>(creation: Promise<T>): Promise<T> {
  try {
    return await creation;
  } catch (error) {
    if (!(error instanceof IdempotencyError)) throw error;
    if (error.kind === 'mismatch') throw problems.idempotency_mismatch(error.message);
    throw problems.idempotency_in_flight(error.message, { headers: { 'Retry-After': 1 } });
  }
}
