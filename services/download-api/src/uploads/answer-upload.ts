import type { StoredFile } from '@pi-jobs/file-exchange';
import { problemFromFileError } from '@pi-jobs/http-files';
import { HttpProblem, problemFromError, type RequestTools } from '@pi-jobs/http-kit';
import { z } from 'zod';
import { filePath, fileUrl } from '../files/file-url.ts';
import { sendPage } from './send-page.ts';
import { renderUploadResult } from './upload-page.ts';
import { wantsPage } from './wants-page.ts';

export const uploadedSchema = z
  .object({ filename: z.string(), url: z.url(), size: z.int().min(0).meta({ description: 'Bytes.' }) })
  .meta({ id: 'UploadedFile' });

export interface UploadReply {
  readonly status: 201;
  readonly body: z.output<typeof uploadedSchema>;
  readonly headers: { readonly Location: string; readonly ETag: string; readonly Vary: string };
}

/** The end of every upload: JSON for programs, a page for browsers, whether it went well or not. */
export async function answerUpload(
  tools: RequestTools,
  upload: () => Promise<StoredFile>,
): Promise<UploadReply | undefined> {
  const asPage = wantsPage(tools.req, 'json');
  try {
    const { filename, size, etag } = await upload();
    const headers = { Location: filePath(filename), ETag: etag, Vary: 'Accept' };
    if (!asPage) return { status: 201, body: { filename, url: fileUrl(tools.req, filename), size }, headers };
    sendPage(tools, 201, renderUploadResult({ filename }), headers);
  } catch (error) {
    const known = problemFromFileError(error);
    if (!asPage || tools.signal.aborted) throw known;
    const problem = known instanceof HttpProblem ? known : problemFromError(known);
    if (problem.status >= 500) tools.log.error({ err: error }, 'an upload failed');
    sendPage(tools, problem.status, renderUploadResult({ error: problem.detail }), problem.headers);
  }
  return undefined;
}
