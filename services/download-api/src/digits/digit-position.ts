import { z } from 'zod';

const error = 'must be an integer of at least 0';

/**
 * A query parameter that names a place among the digits, the leading 3 being 0. Any number is one: what no number of JavaScript can
 * tell is the largest that is safe, which is beyond the end of every result just the same.
 */
export function digitPosition() {
  return z
    .string({ error })
    .regex(/^(?:0|[1-9][0-9]*)$/, { error })
    .transform((text) => Math.min(Number(text), Number.MAX_SAFE_INTEGER))
    .pipe(z.int().min(0))
    .default(0);
}
