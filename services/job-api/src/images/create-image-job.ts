import type { RequestTools } from '@pi-jobs/http-kit';
import { type ImageFacts, type ImageJobs, imageJobViewSchema, toImageJobView } from '@pi-jobs/image-jobs';
import { z } from 'zod';
import { imageLinks, imageLinksSchema } from '../jobs/job-links.ts';
import { imageProblems, problemFromImageError } from './image-problems.ts';
import { type ImageIntake, type ReceivedImage, receiveImage } from './receive-image.ts';

export interface CreateImageJobDependencies {
  readonly images: Pick<ImageJobs, 'create'>;
  readonly intake: ImageIntake;
}

export const createdImageJobSchema = imageJobViewSchema.extend({
  location: z.string().meta({ description: 'Of the job.' }),
  links: imageLinksSchema,
});

/** Takes in an image and puts its job on record and into the line. Rejects with `IdempotencyError` as `ImageJobs.create` does. */
export async function createImageJob(
  { images, intake }: CreateImageJobDependencies,
  tools: RequestTools,
  idempotencyKey: string | undefined,
) {
  const { staged, identity, operations } = await receive(tools, intake);
  try {
    const facts: ImageFacts = {
      contentType: identity.contentType,
      bytes: identity.bytes,
      width: identity.width,
      height: identity.height,
      frames: identity.pages ?? null,
    };
    const plain = operations?.map((operation) => ({ ...operation })) ?? null;
    const { job, failure } = await images.create({
      image: staged.content(),
      facts,
      operations: plain,
      ...(idempotencyKey !== undefined && {
        idempotency: {
          key: idempotencyKey,
          // What the form means and not its bytes: each sender draws boundaries of its own.
          fingerprint: JSON.stringify(['image', await staged.sha256(), plain]),
        },
      }),
    });
    const links = imageLinks(job.id);
    const headers = { Location: links.self };
    if (failure !== undefined) {
      throw imageProblems.image_not_queued('The job could not be queued.', {
        cause: failure,
        headers,
        members: { job_id: job.id, job_status: job.state, location: links.self },
      });
    }
    return {
      status: 202 as const,
      body: { ...toImageJobView(job), location: links.self, links },
      headers,
    };
  } finally {
    await staged.abort();
  }
}

async function receive(tools: RequestTools, intake: ImageIntake): Promise<ReceivedImage> {
  try {
    return await receiveImage(tools, intake);
  } catch (error) {
    throw problemFromImageError(error);
  }
}
