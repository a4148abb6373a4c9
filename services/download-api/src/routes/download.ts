import { defineRoute, type Route } from '@pi-jobs/http-kit';
import { problems } from '../problems.ts';
import { type DownloadDigitsDependencies, downloadDigits, isJobId } from './download-digits.ts';

/** A job's archive. */
export function download(deps: DownloadDigitsDependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/download/:name',
    summary: 'The digits of a complete job, as a zip archive',
    responses: {
      200: { description: 'The archive.', contentType: 'application/zip' },
      206: { description: 'A part of it.', contentType: 'application/zip' },
      304: { description: 'It is what the client has already.' },
      404: { description: 'No such job.' },
      409: { description: 'The job is not complete.' },
      416: { description: 'The range begins beyond the end.' },
    },
    async handler({ params, req, res, signal }) {
      if (!isJobId(params.name)) throw problems.job_not_found(`no job has the id ${params.name}`);
      await downloadDigits(deps, params.name, { req, res, signal });
    },
  });
}
