import { z } from 'zod';

export interface IntegerRange {
  readonly min: number;
  /** Defaults to the largest safe integer. */
  readonly max?: number;
}

/** A JSON number that must be an integer in the range, both ends included. */
export function integer({ min, max = Number.MAX_SAFE_INTEGER }: IntegerRange) {
  const error = integerWording(min, max);
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/**
 * Text that must be a decimal integer in the range: for query parameters, path parameters and environment variables. Strict:
 * `1e3`, ` 5`, `+5`, `05` and `0x10` are refused.
 */
export function decimalInteger({ min, max = Number.MAX_SAFE_INTEGER }: IntegerRange) {
  const error = integerWording(min, max);
  return z
    .string({ error })
    .regex(/^(?:0|-?[1-9][0-9]*)$/, { error })
    .transform(Number)
    .pipe(integer({ min, max }));
}

function integerWording(min: number, max: number): string {
  return max === Number.MAX_SAFE_INTEGER
    ? `must be an integer of at least ${min}`
    : `must be an integer from ${min} to ${max}`;
}
