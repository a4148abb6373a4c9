import { z } from 'zod';

/** The body that asks for a digit job. */
export function digitJobSchema(maxDigits: number) {
  const error = `must be an integer from 1 to ${maxDigits}`;
  return z.strictObject({
    num: z
      .int({ error })
      .min(1, { error })
      .max(maxDigits, { error })
      .meta({ description: 'Digits of pi, the leading 3 included.', examples: [1000] }),
    verify: z.boolean().default(false).meta({
      description: 'Check the result by an independent formula; the status then carries a certificate.',
    }),
  });
}
