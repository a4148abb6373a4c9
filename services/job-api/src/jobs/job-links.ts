import type { JobId } from '@pi-jobs/core';
import { z } from 'zod';

export const linksSchema = z.object({
  self: z.string(),
  status: z.string(),
  events: z.string(),
  download: z.string().meta({ description: 'At the Download API, once the job is completed.' }),
  digits: z.string().meta({ description: 'At the Download API, already while the job runs.' }),
});

export type JobLinks = z.infer<typeof linksSchema>;

/** Where everything about a job is: paths at this service, whole URLs at the Download API. */
export function jobLinks(id: JobId, downloadApiUrl: string): JobLinks {
  return {
    self: `/jobs/${id}`,
    status: `/jobs/${id}/status`,
    events: `/jobs/${id}/events`,
    download: `${downloadApiUrl}/download/${id}`,
    digits: `${downloadApiUrl}/digits/${id}`,
  };
}

export const imageLinksSchema = z.object({
  self: z.string(),
  status: z.string(),
  events: z.string(),
  output: z.string().meta({ description: 'The result, once the job is completed.' }),
});

/** Where everything about an image job is. */
export function imageLinks(id: JobId): z.infer<typeof imageLinksSchema> {
  return {
    self: `/jobs/${id}`,
    status: `/jobs/${id}/status`,
    events: `/jobs/${id}/events`,
    output: `/jobs/${id}/output`,
  };
}
