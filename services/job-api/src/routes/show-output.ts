import { isTerminal } from '@pi-jobs/core';
import { sendContent } from '@pi-jobs/http-files';
import { defineRoute, kitProblems, type Route } from '@pi-jobs/http-kit';
import type { ImageJob, ImageJobs } from '@pi-jobs/image-jobs';
import { imageProblems } from '../images/image-problems.ts';
import type { AllJobs } from '../jobs/all-jobs.ts';
import { imageLinks } from '../jobs/job-links.ts';
import { problems } from '../problems.ts';

interface Dependencies {
  readonly allJobs: AllJobs;
  readonly images: Pick<ImageJobs, 'openOutput'>;
  readonly downloadApiUrl: string;
}

/** The result of an image job. */
export function showOutput({ allJobs, images, downloadApiUrl }: Dependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/jobs/:id/output',
    summary: 'The image that a job has made',
    tags: ['images'],
    responses: {
      200: { description: 'The image, with its own type.', contentType: 'image/*' },
      206: { description: 'A part of it, or several.', contentType: 'image/*' },
      304: { description: 'The image is still what `If-None-Match` names.' },
      404: { description: 'No such job, or it has no output (yet).' },
      412: { description: 'The image is not what `If-Match` names.' },
      416: { description: 'The range begins beyond the end.' },
      500: { description: 'The output is on record and cannot be read.' },
    },
    async handler({ params, req, res, signal }) {
      const job = await allJobs.get(params.id);
      if (job === undefined) throw problems.job_not_found(`no job has the id ${params.id}`);
      if (job.kind === 'digits') {
        const location = `${downloadApiUrl}/download/${job.id}`;
        const members = { location, job_status: job.state };
        throw imageProblems.no_output('the digits of a job are at the Download API', { members });
      }
      const output = await images.openOutput(job, signal);
      if (output === undefined) throw noOutput(job);
      const { facts, object } = output;
      await sendContent(
        { req, res },
        {
          size: object.size,
          etag: `"${object.version.replaceAll('"', '')}"`,
          modifiedAt: object.modifiedAt,
          contentType: facts.contentType,
          headers: {
            'Cache-Control': 'private, max-age=31536000, immutable',
            // Whoever opens it in a browser gets a picture and nothing that runs.
            'Content-Security-Policy': "default-src 'none'; sandbox",
          },
          read: (span) => output.read(span),
        },
      );
    },
  });
}

function noOutput(job: ImageJob): Error {
  if (job.state === 'completed') {
    return kitProblems.internal_error(`the output of job ${job.id} is on record and not in the store`);
  }
  const { self, status } = imageLinks(job.id);
  const members = { job_id: job.id, job_status: job.state, location: isTerminal(job.state) ? self : status };
  if (isTerminal(job.state)) {
    return imageProblems.no_output(`job ${job.id} is ${job.state}: ${job.error ?? 'it has no output'}`, {
      members,
    });
  }
  return imageProblems.no_output(`job ${job.id} is ${job.state}; its output is not there yet`, {
    headers: { Location: status, 'Retry-After': 1 },
    members,
  });
}
