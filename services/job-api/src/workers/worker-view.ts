import { type DigitJob, JOB_STATES, jobIdSchema, toPublicJobId, type Worker } from '@pi-jobs/core';
import { z } from 'zod';

export const workerViewSchema = z.object({
  worker_id: z.uuid(),
  kind: z
    .enum(['digits', 'image', 'upload', 'download'])
    .nullable()
    .meta({ description: 'What the id was used for; null while the slot is only reserved.' }),
  status: z.enum(JOB_STATES),
  expires_at: z.iso.datetime().optional(),
  started_at: z.iso.datetime().optional(),
  job_id: jobIdSchema.optional(),
  num: z.int().optional(),
  digits_written: z.int().optional(),
  fraction: z.number().optional(),
  eta_seconds: z.number().nullable().optional(),
  filename: z.string().optional(),
  bytes: z.int().optional(),
  total: z.int().nullable().optional(),
  bytes_per_second: z.number().nullable().optional(),
  error: z.string().optional(),
});

export type WorkerView = z.infer<typeof workerViewSchema>;

/** The worker in the words of the public interface; `job` is its digit job, if it has one. */
export function toWorkerView(worker: Worker, job?: DigitJob): WorkerView {
  const { transfer, filename, error } = worker;
  return {
    worker_id: worker.workerId,
    kind: worker.kind,
    status: worker.state,
    ...(worker.state === 'reserved' ? { expires_at: worker.expiresAt } : {}),
    ...(worker.startedAt === null ? {} : { started_at: worker.startedAt }),
    ...(worker.jobId === null ? {} : { job_id: toPublicJobId(worker.jobId) }),
    ...(job === undefined ? {} : digitFields(job)),
    ...(filename === null ? {} : { filename }),
    ...(transfer === null
      ? {}
      : { bytes: transfer.bytes, total: transfer.total, bytes_per_second: transfer.bytesPerSecond }),
    ...(error === null ? {} : { error }),
  };
}

function digitFields({ num, progress }: DigitJob) {
  return {
    num,
    digits_written: progress.digitsWritten,
    fraction: progress.fraction,
    eta_seconds: progress.etaSeconds,
  };
}
