import type { DigitSource } from '@pi-jobs/core';
import { digitStatistics } from '@pi-jobs/digit-tools';
import { defineRoute, type Route } from '@pi-jobs/http-kit';
import { z } from 'zod';
import type { ScanQueue } from '../digits/scan-queue.ts';
import { problems } from '../problems.ts';

const statisticsSchema = z
  .object({
    count: z.int().min(0).meta({
      description:
        'Digits counted, the leading 3 included: all of a complete job, the certain ones of another.',
    }),
    digits: z
      .record(z.string().regex(/^[0-9]$/), z.int().min(0))
      .meta({ description: 'How often each digit comes.' }),
    chi_square: z
      .number()
      .min(0)
      .meta({ description: "Pearson's statistic against ten equally likely digits, 9 degrees of freedom." }),
  })
  .meta({ id: 'DigitStatistics' });

/** Counts a job's digits, already while it runs. */
export function showDigitStatistics({
  digits,
  scans,
}: {
  readonly digits: DigitSource;
  readonly scans: ScanQueue;
}): Route {
  return defineRoute({
    method: 'GET',
    path: '/digits/:job_id/stats',
    summary: "How often each digit comes in a job's result, as far as it is certain",
    tags: ['digits'],
    responses: {
      200: { description: 'The counts.', schema: statisticsSchema },
      404: { description: 'No such job.' },
    },
    async handler({ params, signal }) {
      const found = await digits.open(params.job_id);
      if (found === undefined) throw problems.job_not_found(`no job has the id ${params.job_id}`);
      const { count, counts, chiSquare } = await scans.run(signal, () =>
        digitStatistics(found.read(0, found.certain, signal), { signal }),
      );
      return {
        status: 200,
        body: { count, digits: Object.fromEntries(counts.entries()), chi_square: chiSquare },
      };
    },
  });
}
