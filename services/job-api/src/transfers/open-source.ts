import { open } from 'node:fs/promises';
import { type DigitSource, isTerminal, type JobStore } from '@pi-jobs/core';
import type { ZipCache } from '@pi-jobs/digit-archive';
import type { FileExchange } from '@pi-jobs/file-exchange';
import { contentDisposition, fileTypeOf, problemFromFileError } from '@pi-jobs/http-files';
import { problems } from '../problems.ts';

export interface SourceDependencies {
  readonly exchange: Pick<FileExchange, 'open'>;
  readonly jobs: Pick<JobStore, 'get'>;
  readonly digits: DigitSource;
  readonly zips: ZipCache;
}

/** Something to send, held open. */
export interface DownloadSource extends AsyncDisposable {
  readonly filename: string;
  /** Bytes. */
  readonly size: number;
  readonly contentType: string;
  readonly disposition: string;
  read(): AsyncIterable<Uint8Array>;
}

/** Opens the file of that name, or the archive of that job; throws the problem for what is not there or not complete. */
export async function openSource(
  deps: SourceDependencies,
  {
    filename,
    job_id: jobId,
  }: { readonly filename?: string | undefined; readonly job_id?: number | string | undefined },
  signal: AbortSignal,
): Promise<DownloadSource> {
  return filename === undefined ? openArchive(deps, String(jobId), signal) : openFile(deps, filename);
}

async function openFile({ exchange }: SourceDependencies, filename: string): Promise<DownloadSource> {
  const opened = await exchange.open(filename).catch((error: unknown) => {
    throw problemFromFileError(error);
  });
  return {
    filename,
    size: opened.file.size,
    contentType: fileTypeOf(filename).contentType,
    disposition: contentDisposition('attachment', filename),
    read: () => opened.read(),
    [Symbol.asyncDispose]: () => opened.close(),
  };
}

async function openArchive(
  { jobs, digits, zips }: SourceDependencies,
  id: string,
  signal: AbortSignal,
): Promise<DownloadSource> {
  const found = await digits.open(id);
  if (found === undefined) throw problems.job_not_found(`no job has the id ${id}`);
  if (!found.complete) {
    const state = (await jobs.get(id))?.state ?? 'queued';
    const headers = isTerminal(state) ? {} : { 'Retry-After': 1 };
    throw problems.job_not_complete(`job ${id} is ${state}, its digits are not complete`, { headers });
  }
  const filename = `digits_of_pi_${id}.zip`;
  const file = await open((await zips.get(id, found, signal)).path, 'r');
  const { size } = await file.stat().catch(async (error: unknown) => {
    await file.close();
    throw error;
  });
  return {
    filename,
    size,
    contentType: 'application/zip',
    disposition: contentDisposition('attachment', filename),
    read: () => file.createReadStream({ autoClose: false }),
    [Symbol.asyncDispose]: () => file.close(),
  };
}
