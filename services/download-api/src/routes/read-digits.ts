import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DigitSource, JobStore } from '@pi-jobs/core';
import { fileProblems } from '@pi-jobs/http-files';
import { decimalInteger, defineRoute, type Route } from '@pi-jobs/http-kit';
import { z } from 'zod';
import { digitPosition } from '../digits/digit-position.ts';
import { problems } from '../problems.ts';
import { retryAfter } from './retry-after.ts';

const MOST_DIGITS = 1_000_000;

const querySchema = z.object({
  start: digitPosition().meta({ description: 'First digit; 0 is the leading 3.' }),
  count: decimalInteger({ min: 1, max: MOST_DIGITS }).default(1000),
});

/** Digits of one job as plain text, already while it runs. */
export function readDigits(deps: {
  readonly jobs: Pick<JobStore, 'get'>;
  readonly digits: DigitSource;
}): Route {
  return defineRoute({
    method: 'GET',
    path: '/digits/:job_id',
    summary: 'Digits of a job, as far as they are certain',
    query: querySchema,
    responses: {
      200: {
        description:
          'The digits without the decimal point; fewer than asked for at the end of what is certain.',
        contentType: 'text/plain',
      },
      404: { description: 'No such job.' },
      416: { description: 'No certain digit is that far.' },
    },
    async handler({ params, query: { start, count }, req, res, signal }) {
      const digits = await deps.digits.open(params.job_id);
      if (digits === undefined) throw problems.job_not_found(`no job has the id ${params.job_id}`);
      if (start >= digits.certain) {
        const headers = digits.complete ? {} : (await retryAfter(deps.jobs, params.job_id)).headers;
        throw fileProblems.range_not_satisfiable(`${digits.certain} digits are certain`, { headers });
      }
      const length = Math.min(count, digits.certain - start);
      res.writeHead(200, {
        'Content-Type': 'text/plain; charset=utf-8',
        'Content-Length': length,
        'Cache-Control': digits.complete ? 'private, max-age=31536000, immutable' : 'no-store',
      });
      if (req.method === 'HEAD') {
        res.end();
        return;
      }
      await pipeline(Readable.from(digits.read(start, length, signal), { objectMode: false }), res);
    },
  });
}
