import { type DigitJob, type JobId, type JobStore, jobViewSchema, toJobView } from '@pi-jobs/core';
import { type ImageJob, type ImageJobs, imageJobViewSchema, toImageJobView } from '@pi-jobs/image-jobs';
import { z } from 'zod';

export type AnyJob = DigitJob | ImageJob;

export const anyJobViewSchema = z.union([jobViewSchema, imageJobViewSchema]);

/** Jobs of every kind under one id. */
export class AllJobs {
  readonly #digits: Pick<JobStore, 'get'>;
  readonly #images: Pick<ImageJobs, 'get'>;

  constructor(digits: Pick<JobStore, 'get'>, images: Pick<ImageJobs, 'get'>) {
    this.#digits = digits;
    this.#images = images;
  }

  async get(id: JobId): Promise<AnyJob | undefined> {
    return (await this.#images.get(id)) ?? this.#digits.get(id);
  }
}

export function toAnyJobView(job: AnyJob): z.infer<typeof anyJobViewSchema> {
  return job.kind === 'image' ? toImageJobView(job) : toJobView(job);
}
