import { z } from 'zod';
import { JOB_STATES } from '../job/job-state.ts';

/** A worker id: a slot that was reserved, and what it was used for. Changed by one process at a time. */
export const workerRecordSchema = z.object({
  version: z.literal(1),
  workerId: z.uuid(),
  kind: z.enum(['digits', 'upload', 'download']).nullable(),
  /** Of a digit job only `queued`: what became of it stands in the job's own record. */
  state: z.enum(JOB_STATES),
  expiresAt: z.iso.datetime(),
  /** When the id was used; null until then. */
  startedAt: z.iso.datetime().nullable(),
  /** The process that carries out the transfer, or that was creating the job. */
  process: z.uuid().nullable(),
  /** New with every use, so that of two who use the id at once one learns that it was not he. */
  token: z.uuid().nullable().default(null),
  jobId: z.string().nullable(),
  filename: z.string().nullable(),
  /** Bytes moved when the state was written; of a running transfer the process's lease knows better. */
  bytes: z.int().nonnegative(),
  total: z.int().nonnegative().nullable(),
  /** What a client asked of the transfer and its process has not done yet. */
  request: z.enum(['paused', 'running', 'terminated']).nullable(),
  error: z.string().nullable(),
});

export type WorkerRecord = z.infer<typeof workerRecordSchema>;

/** The record of an id that was just given out. */
export function newWorkerRecord(workerId: string, expiresAt: string): WorkerRecord {
  return {
    version: 1,
    workerId,
    kind: null,
    state: 'reserved',
    expiresAt,
    startedAt: null,
    process: null,
    token: null,
    jobId: null,
    filename: null,
    bytes: 0,
    total: null,
    request: null,
    error: null,
  };
}
