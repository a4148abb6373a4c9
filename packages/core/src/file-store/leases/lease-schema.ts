import { z } from 'zod';
import { transferProgressSchema } from '../../workers/transfer-progress.ts';

const jobBeatSchema = z.object({
  phase: z.string(),
  fraction: z.number().min(0).max(1),
  etaSeconds: z.number().nullable(),
  digitsPerSecond: z.number().nullable(),
});

/** The content of a process's lease file. */
export const leaseSchema = z.object({
  version: z.literal(1),
  process: z.uuid(),
  host: z.string(),
  pid: z.int(),
  startedAt: z.iso.datetime(),
  /** Slots that this process allows on the volume; of all that live the smallest counts. */
  maxConcurrentJobs: z.int().positive().optional(),
  /** Of a calculator: the largest `num` that it has the memory for. */
  mostDigits: z.int().positive().optional(),
  /** Progress of the digit jobs it runs, by job id. */
  jobs: z.record(z.string(), jobBeatSchema),
  /** Progress of the transfers it carries out, by worker id. */
  transfers: z.record(z.string(), transferProgressSchema),
});

export type Lease = z.infer<typeof leaseSchema>;
