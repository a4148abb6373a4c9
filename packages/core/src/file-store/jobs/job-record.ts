import { z } from 'zod';
import type { EngineReport } from '../../engine/digit-engine.ts';
import { JOB_STATES } from '../../job/job-state.ts';

const reportSchema = z.custom<EngineReport>((value) => typeof value === 'object' && value !== null);

/**
 * What the volume knows of a digit job beyond the ledger's row. A job without a record is `queued`: records are made when
 * something happens to a job, not when it is created. Written only inside the volume's mutex.
 */
export const jobRecordSchema = z.object({
  version: z.literal(1),
  id: z.int().positive(),
  /** The ledger's number. A record that says another belongs to a row that a power failure took, and counts as absent. */
  num: z.int().positive(),
  state: z.enum(JOB_STATES),
  /** Its place in the line: the lowest goes first. */
  queuedAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  /** This and the report are written while a job is still running, just before its result gets its name: they count once it has ended. */
  finishedAt: z.iso.datetime().nullable(),
  /** Who runs it. `token` is new with every claim: a former owner's is no longer the record's, which is how it learns. */
  owner: z.object({ calculator: z.uuid(), token: z.uuid() }).nullable(),
  /** The last owner closed the digit file before it let go: nobody else can still write to it. */
  released: z.boolean(),
  /** A slot is kept for its beginning: the one that its worker id held. */
  keepsSlot: z.boolean().default(false),
  /** What a client asked of a running job and its owner has not done yet. */
  request: z.enum(['paused', 'terminated']).nullable(),
  /** Progress when the last owner let go, 0 to 1: what is shown while nobody works on it, and what progress never falls below. */
  fraction: z.number().min(0).max(1),
  error: z.string().nullable(),
  report: reportSchema.nullable(),
});

export type JobRecord = z.infer<typeof jobRecordSchema>;

/** The record of a job to which nothing has happened yet. */
export function newJobRecord(id: number, num: number, queuedAt: string): JobRecord {
  return {
    version: 1,
    id,
    num,
    state: 'queued',
    queuedAt,
    startedAt: null,
    finishedAt: null,
    owner: null,
    released: false,
    keepsSlot: false,
    request: null,
    fraction: 0,
    error: null,
    report: null,
  };
}
