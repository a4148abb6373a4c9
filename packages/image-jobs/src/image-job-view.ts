import { JOB_STATES } from '@pi-jobs/core';
import { z } from 'zod';
import type { ImageFacts, ImageJob } from './image-job.ts';

const factsViewSchema = z.object({
  content_type: z.string(),
  bytes: z.int().nonnegative(),
  width: z.int().positive(),
  height: z.int().positive(),
  frames: z.int().positive().nullable(),
});

/** What services say of an image job, in the words of the public interface. */
export const imageJobViewSchema = z.object({
  success: z.literal(true),
  job_id: z.uuid(),
  kind: z.literal('image'),
  status: z.enum(JOB_STATES),
  input: factsViewSchema,
  operations: z
    .array(z.record(z.string(), z.unknown()))
    .nullable()
    .meta({ description: 'Null: a thumbnail of at most 512 pixels.' }),
  output: factsViewSchema.nullable().meta({ description: 'The result, once there is one.' }),
  created_at: z.iso.datetime(),
  started_at: z.iso.datetime().nullable(),
  finished_at: z.iso.datetime().nullable(),
  error: z.string().optional().meta({ description: 'Why it failed.' }),
});

export type ImageJobView = z.infer<typeof imageJobViewSchema>;

export function toImageJobView(job: ImageJob): ImageJobView {
  return {
    success: true,
    job_id: job.id,
    kind: job.kind,
    status: job.state,
    input: toFactsView(job.input),
    operations: job.operations,
    output: job.output === null ? null : toFactsView(job.output),
    created_at: job.createdAt,
    started_at: job.startedAt,
    finished_at: job.finishedAt,
    ...(job.error === null ? {} : { error: job.error }),
  };
}

function toFactsView({ contentType, bytes, width, height, frames }: ImageFacts) {
  return { content_type: contentType, bytes, width, height, frames };
}
