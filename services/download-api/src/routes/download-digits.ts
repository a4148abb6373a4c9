import type { DigitSource, JobStore } from '@pi-jobs/core';
import { isJobUuid, parseCountedId } from '@pi-jobs/core';
import type { ZipCache } from '@pi-jobs/digit-archive';
import { sendStoredFile } from '@pi-jobs/http-files';
import type { RequestTools } from '@pi-jobs/http-kit';
import { problems } from '../problems.ts';
import { retryAfter } from './retry-after.ts';

export interface DownloadDigitsDependencies {
  readonly jobs: Pick<JobStore, 'get'>;
  readonly digits: DigitSource;
  readonly zips: ZipCache;
}

/** Is the last part of `/download/…` a job's id rather than a file's name? A file's name has an extension. */
export function isJobId(name: string): boolean {
  return parseCountedId(name) !== undefined || /^\d+$/.test(name) || isJobUuid(name);
}

/** Sends the archive of a complete job; 404 for no such job, 409 for one that is not complete. */
export async function downloadDigits(
  { jobs, digits, zips }: DownloadDigitsDependencies,
  id: string,
  tools: Pick<RequestTools, 'req' | 'res' | 'signal'>,
): Promise<void> {
  const found = await digits.open(id);
  if (found === undefined) throw problems.job_not_found(`no job has the id ${id}`);
  if (!found.complete) await throwNotComplete(jobs, id);
  const zip = await zips.get(id, found, tools.signal);
  await sendStoredFile(tools, {
    path: zip.path,
    etag: `"${zip.sha256}"`,
    contentType: 'application/zip',
    headers: {
      'Content-Disposition': `attachment; filename="digits_of_pi_${id}.zip"`,
      'Repr-Digest': `sha-256=:${zip.sha256}:`,
      'Cache-Control': 'private, max-age=31536000, immutable',
    },
  });
}

async function throwNotComplete(jobs: Pick<JobStore, 'get'>, id: string): Promise<never> {
  const { state, headers } = await retryAfter(jobs, id);
  throw problems.job_not_complete(`job ${id} is ${state}, its digits are not complete`, { headers });
}
