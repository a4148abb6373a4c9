import type { RequestTools } from '@pi-jobs/http-kit';
import send from 'send';
import { problems } from '../problems.ts';

export interface StoredFile {
  readonly path: string;
  /** With its quotes. */
  readonly etag: string;
  readonly contentType: string;
  /** Further headers of a 200 or 206 answer. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Answers GET or HEAD with a file: Range, conditional requests, backpressure, and the file closed when the client goes away.
 * Resolves when the answer has been sent or the client has gone.
 */
export async function sendStoredFile(
  { req, res }: Pick<RequestTools, 'req' | 'res'>,
  file: StoredFile,
): Promise<void> {
  res.setHeader('ETag', file.etag);
  res.setHeader('Content-Type', file.contentType);
  for (const [name, value] of Object.entries(file.headers ?? {})) res.setHeader(name, value);
  await new Promise<void>((resolve, reject) => {
    res.once('close', resolve);
    send(req, encodeURI(file.path), { dotfiles: 'allow', etag: false, cacheControl: false })
      .on('error', (error: Error & { readonly status?: number }) => {
        for (const name of ['ETag', 'Content-Type', 'Last-Modified', ...Object.keys(file.headers ?? {})]) {
          res.removeHeader(name);
        }
        reject(toProblem(error, res.getHeader('Content-Range')));
      })
      .on('directory', () => reject(problems.job_not_found('there is no such file')))
      .pipe(res);
  });
}

function toProblem(error: Error & { readonly status?: number }, contentRange: unknown): Error {
  if (error.status === 416) {
    const headers = typeof contentRange === 'string' ? { 'Content-Range': contentRange } : {};
    return problems.range_not_satisfiable('the range begins beyond the end of the file', { headers });
  }
  if (error.status === 412)
    return problems.precondition_failed('the file is no longer what the request names');
  return error;
}
