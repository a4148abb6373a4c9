import { z } from 'zod';

/** How far a transfer is, in its process's sign of life. */
export const transferProgressSchema = z.object({
  bytes: z.int().nonnegative(),
  total: z.int().nonnegative().nullable(),
  bytesPerSecond: z.number().nonnegative().nullable(),
});
