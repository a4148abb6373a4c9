import { JOB_STATES } from '@pi-jobs/core';
import { z } from 'zod';

/** What is known of an image without its pixels. */
export const imageFactsSchema = z.object({
  /** Media type. */
  contentType: z.string().regex(/^image\/[a-z]+$/),
  bytes: z.int().nonnegative(),
  width: z.int().positive(),
  height: z.int().positive(),
  /** Frames of an animation, pages of a TIFF; null where nobody has counted them yet. */
  frames: z.int().positive().nullable(),
});

export type ImageFacts = z.infer<typeof imageFactsSchema>;

/**
 * An image job's record, at `jobs/<id>`; the image is at `input/<id>`, the result at `output/<id>`. Changed only on condition that it
 * is still as it was read. Times are ISO 8601 in UTC.
 */
export const imageJobSchema = z.object({
  version: z.literal(1),
  kind: z.literal('image'),
  id: z.uuid(),
  state: z.enum(JOB_STATES),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
  input: imageFactsSchema,
  /** As the client gave them and the engine's schema took them; null for the default. */
  operations: z.array(z.record(z.string(), z.unknown())).nullable(),
  output: imageFactsSchema.nullable(),
  /** Why it failed, fit to show to the client. */
  error: z.string().nullable(),
  /** How often it was begun without a word of how that ended: its worker died, or will tell. */
  attempts: z.int().nonnegative(),
  /** Of the worker that has it; new with every attempt, so that one who lost it learns that he did. */
  token: z.uuid().nullable(),
  /** When its message was last sent or seen; another is sent when that is long ago. */
  messageAt: z.iso.datetime(),
});

export type ImageJob = z.infer<typeof imageJobSchema>;

export function newImageJob(id: string, input: ImageFacts, operations: ImageJob['operations']): ImageJob {
  const now = new Date().toISOString();
  return {
    version: 1,
    kind: 'image',
    id,
    state: 'queued',
    createdAt: now,
    startedAt: null,
    finishedAt: null,
    input,
    operations,
    output: null,
    error: null,
    attempts: 0,
    token: null,
    messageAt: now,
  };
}

/** The job as it was told of when it was made, whatever has become of it. */
export function asMade(job: ImageJob): ImageJob {
  return { ...newImageJob(job.id, job.input, job.operations), createdAt: job.createdAt };
}
