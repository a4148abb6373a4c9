import type { DigitSource } from '@pi-jobs/core';
import { decimalInteger, defineRoute, type Route } from '@pi-jobs/http-kit';
import { z } from 'zod';
import { digitPosition } from '../digits/digit-position.ts';
import { problems } from '../problems.ts';

const querySchema = z.object({
  start: digitPosition(),
  numberOfDigits: decimalInteger({ min: 1, max: 1000 }).default(100),
});

/** Digits of the longest finished result, in the form of the public API pi.delivery. */
export function showPi(deps: { readonly digits: DigitSource }): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/pi',
    summary: 'Digits of pi out of the longest finished result',
    query: querySchema,
    responses: {
      200: {
        description: 'The digits without the decimal point; fewer at the end of what is known.',
        schema: z.object({ content: z.string() }),
      },
      404: { description: 'The digits are not known.' },
    },
    async handler({ query: { start, numberOfDigits } }) {
      const longest = await deps.digits.longest();
      const known = longest?.certain ?? 0;
      if (longest === undefined || start >= known) {
        throw problems.digits_not_known(`${known} digits are known here`);
      }
      const count = Math.min(numberOfDigits, known - start);
      const chunks: Uint8Array[] = [];
      for await (const chunk of longest.read(start, count)) chunks.push(chunk);
      return { status: 200, body: { content: Buffer.concat(chunks).toString('latin1') } };
    },
  });
}
