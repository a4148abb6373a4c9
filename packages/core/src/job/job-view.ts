import { z } from 'zod';
import { type DigitJob, toPublicJobId } from './job.ts';
import { isTerminal, JOB_STATES } from './job-state.ts';

export const jobIdSchema = z
  .union([z.int().positive(), z.uuid()])
  .meta({ description: 'A number in the file ledger, a UUID in other stores.', examples: [1] });

/** What services say of a digit job, in the words of the public interface. */
export const jobViewSchema = z.object({
  success: z.literal(true),
  job_id: jobIdSchema,
  kind: z.literal('digits'),
  num: z.int().positive().meta({ description: 'Digits asked for, the leading 3 included.' }),
  status: z.enum(JOB_STATES),
  progress: z.object({
    digits_written: z.int().nonnegative().meta({ description: 'Digits that are certain and readable now.' }),
    fraction: z
      .number()
      .min(0)
      .max(1)
      .meta({ description: 'Share of the time that the work takes; never goes back.' }),
    eta_seconds: z.number().nonnegative().nullable(),
    phase: z.string().nullable(),
    digits_per_second: z.number().nonnegative().nullable(),
  }),
  verify: z.boolean(),
  created_at: z.iso.datetime(),
  started_at: z.iso.datetime().nullable(),
  finished_at: z.iso.datetime().nullable(),
  error: z.string().optional().meta({ description: 'Why it failed, or why it waits.' }),
  report: z
    .record(z.string(), z.unknown())
    .optional()
    .meta({ description: 'What the engine says of its run.' }),
});

export type JobView = z.infer<typeof jobViewSchema>;

export function toJobView(job: DigitJob): JobView {
  const { progress, error, report } = job;
  return {
    success: true,
    job_id: toPublicJobId(job.id),
    kind: job.kind,
    num: job.num,
    status: job.state,
    progress: {
      digits_written: progress.digitsWritten,
      fraction: progress.fraction,
      eta_seconds: isTerminal(job.state) ? 0 : progress.etaSeconds,
      phase: progress.phase,
      digits_per_second: progress.digitsPerSecond,
    },
    verify: job.verify,
    created_at: job.createdAt,
    started_at: job.startedAt,
    finished_at: job.finishedAt,
    ...(error === null ? {} : { error }),
    ...(report === null ? {} : { report: { ...report } }),
  };
}
