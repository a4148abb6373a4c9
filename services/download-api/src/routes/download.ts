import type { FileExchange } from '@pi-jobs/file-exchange';
import { sendFile } from '@pi-jobs/http-files';
import { defineRoute, type Route } from '@pi-jobs/http-kit';
import { type DownloadDigitsDependencies, downloadDigits, isJobId } from './download-digits.ts';

/** A job's archive, or a file by its name: a file's name has an extension, a job's id has none. */
export function download(
  deps: DownloadDigitsDependencies & { readonly exchange: Pick<FileExchange, 'open'> },
): Route {
  return defineRoute({
    method: 'GET',
    path: '/download/:name',
    summary: 'The digits of a complete job as a zip archive, or a file by its name',
    responses: {
      200: { description: 'The archive or the file.', contentType: 'application/zip', otherTypes: ['*/*'] },
      206: { description: 'A part of it, or several.', contentType: 'application/zip', otherTypes: ['*/*'] },
      304: { description: 'It is what the client has already.' },
      404: { description: 'No such job or file.' },
      409: { description: 'The job is not complete.' },
      416: { description: 'The range begins beyond the end.' },
    },
    async handler({ params, req, res, signal }) {
      if (isJobId(params.name)) await downloadDigits(deps, params.name, { req, res, signal });
      else await sendFile(deps.exchange, params.name, { req, res });
    },
  });
}
