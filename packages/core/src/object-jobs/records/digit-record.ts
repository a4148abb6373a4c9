import { z } from 'zod';
import type { EngineReport } from '../../engine/digit-engine.ts';
import type { DigitJob } from '../../job/job.ts';
import { isTerminal, JOB_STATES } from '../../job/job-state.ts';
import { stateNow } from '../../job/rules/work-state.ts';
import type { NewDigitJob } from '../../ports/job-store.ts';

const reportSchema = z.custom<EngineReport>((value) => typeof value === 'object' && value !== null);

const progressSchema = z.object({
  digitsWritten: z.int().nonnegative(),
  fraction: z.number().min(0).max(1),
  etaSeconds: z.number().nonnegative().nullable(),
  phase: z.string().nullable(),
  digitsPerSecond: z.number().nonnegative().nullable(),
});

/** A digit job's record, at `jobs/<id>`. Changed only on condition that it is still as it was read. Times are ISO 8601 in UTC. */
export const digitRecordSchema = z.object({
  version: z.literal(1),
  kind: z.literal('digits'),
  id: z.uuid(),
  num: z.int().positive(),
  verify: z.boolean(),
  state: z.enum(JOB_STATES),
  createdAt: z.iso.datetime(),
  /** Its place in the line: when it was resumed last, or null: when it was made. An interruption does not change it. */
  queuedAt: z.iso.datetime().nullable().default(null),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
  progress: progressSchema,
  /** What a client asked of a running job and its worker has not done yet. */
  request: z.enum(['paused', 'terminated']).nullable(),
  /** How often it was begun since it last got further than ever before. */
  attempts: z.int().nonnegative(),
  /** Of the worker that has it; new with every claim, so that one who lost it learns that he did. */
  token: z.uuid().nullable(),
  /** The worker id that it was made for. */
  workerId: z.uuid().nullable().default(null),
  /** Its worker id's slot is kept for its beginning. */
  keepsSlot: z.boolean().default(false),
  /** The slot that it began in last, by until when it was granted: one in the table that is not this one is for its next beginning. */
  slotUntil: z.iso.datetime().nullable().default(null),
  /** When its message was last sent or seen; another is sent when that is long ago. */
  messageAt: z.iso.datetime(),
  error: z.string().nullable(),
  report: reportSchema.nullable(),
});

export type DigitRecord = z.infer<typeof digitRecordSchema>;

export function newDigitRecord(id: string, { num, verify, workerId }: NewDigitJob): DigitRecord {
  const now = new Date().toISOString();
  return {
    version: 1,
    kind: 'digits',
    id,
    num,
    verify,
    state: 'queued',
    createdAt: now,
    queuedAt: null,
    startedAt: null,
    finishedAt: null,
    progress: { digitsWritten: 0, fraction: 0, etaSeconds: null, phase: null, digitsPerSecond: null },
    request: null,
    attempts: 0,
    token: null,
    workerId: workerId ?? null,
    keepsSlot: workerId !== undefined,
    slotUntil: null,
    messageAt: now,
    error: null,
    report: null,
  };
}

/** The record of a job that nobody works on any more. */
export function atRest(record: DigitRecord, state: DigitRecord['state'], error: string | null): DigitRecord {
  // Of a job that has ended without a result no digit is kept.
  const digitsWritten = state === 'failed' || state === 'terminated' ? 0 : record.progress.digitsWritten;
  const progress = {
    ...record.progress,
    digitsWritten,
    etaSeconds: null,
    phase: null,
    digitsPerSecond: null,
  };
  const finishedAt = isTerminal(state) ? new Date().toISOString() : null;
  return { ...record, state, error, progress, finishedAt, request: null, token: null, keepsSlot: false };
}

/**
 * A worker tells of itself every two seconds; the message of one that was killed comes again after five at the earliest. One that comes
 * earlier is a second message for the same job, or has lost its way: it waits, so that nobody takes hours of work from a live worker.
 */
const ALIVE_MS = 4_000;

/**
 * Has its worker said so lately? By two machines' clocks: one that is wrong costs work that is done again, or a wait. The token keeps two
 * workers apart all the same.
 */
export function isWorkedOn({ state, token, messageAt }: DigitRecord, withinMs = ALIVE_MS): boolean {
  return state === 'running' && token !== null && Math.abs(Date.now() - Date.parse(messageAt)) < withinMs;
}

export function toDigitJob(record: DigitRecord): DigitJob {
  const { id, kind, num, verify, createdAt, startedAt, finishedAt, progress, error, report } = record;
  const state = stateNow(record, isWorkedOn(record));
  return { id, kind, num, verify, state, createdAt, startedAt, finishedAt, progress, error, report };
}
