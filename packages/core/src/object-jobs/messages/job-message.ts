import { z } from 'zod';

/** What stands on the queue: not the job, only that it wants to be looked at. What there is to do stands in its record. */
const jobMessageSchema = z.object({
  version: z.literal(1),
  kind: z.enum(['digits', 'image']),
  job_id: z.uuid(),
});

export type JobMessage = z.infer<typeof jobMessageSchema>;
export type MessageKind = JobMessage['kind'];

export function formatJobMessage(kind: MessageKind, jobId: string): string {
  const message: JobMessage = { version: 1, kind, job_id: jobId };
  return JSON.stringify(message);
}

/** Undefined for a text that is no message of ours. */
export function parseJobMessage(text: string): JobMessage | undefined {
  try {
    return jobMessageSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
