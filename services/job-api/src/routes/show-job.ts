import { type JobStore, jobViewSchema, toJobView } from '@pi-jobs/core';
import { defineRoute, type Route } from '@pi-jobs/http-kit';
import { z } from 'zod';
import { jobLinks, linksSchema } from '../jobs/job-links.ts';
import { retryAfter } from '../jobs/retry-after.ts';
import { problems } from '../problems.ts';

const withLinks = jobViewSchema.extend({ links: linksSchema });

/** The job as a resource: 200 while it is on its way or has failed, 201 once its result is there to be fetched. */
export function showJob(deps: { readonly jobs: JobStore; readonly downloadApiUrl: string }): Route {
  return defineRoute({
    method: 'GET',
    path: '/jobs/:id',
    summary: 'A job, and where its result is',
    responses: {
      200: { description: 'Not completed: on its way, or ended without a result.', schema: withLinks },
      201: {
        description: 'Completed.',
        schema: withLinks.extend({ location: z.string() }),
        headers: { Location: 'Of the result, at the Download API.' },
      },
      404: { description: 'No such job.' },
    },
    async handler({ params }) {
      const job = await deps.jobs.get(params.id);
      if (job === undefined) throw problems.job_not_found(`no job has the id ${params.id}`);
      const links = jobLinks(job.id, deps.downloadApiUrl);
      const view = { ...toJobView(job), links };
      if (job.state !== 'completed') return { status: 200, body: view, headers: retryAfter(job) };
      const location = links.download;
      return { status: 201, body: { ...view, location }, headers: { Location: location } };
    },
  });
}
