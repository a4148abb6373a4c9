import type { DigitSource } from '@pi-jobs/core';
import { searchDigits as search } from '@pi-jobs/digit-tools';
import { decimalInteger, defineRoute, type Route } from '@pi-jobs/http-kit';
import { z } from 'zod';
import { digitPosition } from '../digits/digit-position.ts';
import type { ScanQueue } from '../digits/scan-queue.ts';
import { problems } from '../problems.ts';

const LONGEST_QUERY = 1000;

const querySchema = z.object({
  q: z
    .string({ error: 'must be decimal digits' })
    .regex(/^[0-9]+$/, { error: 'must be decimal digits' })
    .max(LONGEST_QUERY, { error: `must have at most ${LONGEST_QUERY} digits` }),
  start: digitPosition().meta({ description: 'Where the search begins; 0 is the leading 3.' }),
  limit: decimalInteger({ min: 1, max: 10_000 }).default(100),
});

/** Finds digits in a job's result, already while it runs. */
export function searchDigits({
  digits,
  scans,
}: {
  readonly digits: DigitSource;
  readonly scans: ScanQueue;
}): Route {
  return defineRoute({
    method: 'GET',
    path: '/digits/:job_id/search',
    summary: "Where a string of digits occurs in a job's result, as far as it is certain",
    tags: ['digits'],
    query: querySchema,
    responses: {
      200: {
        description: 'Where the digits begin; occurrences may overlap.',
        schema: z
          .object({
            q: z.string(),
            positions: z
              .array(z.int().min(0))
              .meta({ description: 'Ascending; the leading 3 is position 0.' }),
            truncated: z.boolean().meta({ description: 'There is at least one more.' }),
          })
          .meta({ id: 'DigitPositions' }),
      },
      404: { description: 'No such job.' },
    },
    async handler({ params, query: { q, start, limit }, signal }) {
      const found = await digits.open(params.job_id);
      if (found === undefined) throw problems.job_not_found(`no job has the id ${params.job_id}`);
      const count = Math.max(0, found.certain - start);
      const result = await scans.run(signal, () =>
        search(found.read(start, count, signal), q, { start, limit, signal }),
      );
      return { status: 200, body: { q, positions: [...result.positions], truncated: result.truncated } };
    },
  });
}
