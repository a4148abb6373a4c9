import { jobViewSchema, toJobView } from '@pi-jobs/core';
import { defineRoute, type Route } from '@pi-jobs/http-kit';
import { type ImageJob, imageJobViewSchema, toImageJobView } from '@pi-jobs/image-jobs';
import { z } from 'zod';
import type { AllJobs } from '../jobs/all-jobs.ts';
import { imageLinks, imageLinksSchema, jobLinks, linksSchema } from '../jobs/job-links.ts';
import { retryAfter } from '../jobs/retry-after.ts';
import { problems } from '../problems.ts';

const withLinks = jobViewSchema.extend({ links: linksSchema });
const imageWithLinks = imageJobViewSchema.extend({ links: imageLinksSchema });
const location = z.string();

/** The job as a resource: 200 while it is on its way or has failed, 201 once its result is there to be fetched. */
export function showJob(deps: { readonly allJobs: AllJobs; readonly downloadApiUrl: string }): Route {
  return defineRoute({
    method: 'GET',
    path: '/jobs/:id',
    summary: 'A job, and where its result is',
    responses: {
      200: {
        description: 'Not completed: on its way, or ended without a result.',
        schema: z.union([withLinks, imageWithLinks]),
      },
      201: {
        description: 'Completed.',
        schema: z.union([withLinks.extend({ location }), imageWithLinks.extend({ location })]),
        headers: { Location: 'Of the result: of digits at the Download API, of an image here.' },
      },
      404: { description: 'No such job.' },
    },
    async handler({ params }) {
      const job = await deps.allJobs.get(params.id);
      if (job === undefined) throw problems.job_not_found(`no job has the id ${params.id}`);
      if (job.kind === 'image') return showImageJob(job);
      const links = jobLinks(job.id, deps.downloadApiUrl);
      const view = { ...toJobView(job), links };
      if (job.state !== 'completed') return { status: 200, body: view, headers: retryAfter(job) };
      const location = links.download;
      return { status: 201, body: { ...view, location }, headers: { Location: location } };
    },
  });
}

function showImageJob(job: ImageJob) {
  const links = imageLinks(job.id);
  const view = { ...toImageJobView(job), links };
  if (job.state !== 'completed') return { status: 200 as const, body: view, headers: retryAfter(job) };
  const headers = { Location: links.output };
  return { status: 201 as const, body: { ...view, location: links.output }, headers };
}
