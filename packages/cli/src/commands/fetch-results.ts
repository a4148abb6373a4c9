import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, unlink } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { LostConnectionError } from '@pi-jobs/client';
import { type Context, print } from '../context.ts';
import { OutputError } from '../describe-error.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';

/** Most digits that one request gives. */
const DIGITS_PER_REQUEST = 1_000_000;

/** Writes beside the file and renames: an archive that broke off never bears the name. */
export async function download(context: Context, id: string, output: string | undefined): Promise<ExitCode> {
  const path = output ?? `digits_of_pi_${id}.zip`;
  const temporary = `${path}.${randomUUID().slice(0, 8)}.part`;
  const response = await context.client.download(id, { signal: context.interrupted });
  try {
    await save(response, temporary, context.interrupted);
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw isOfFiles(error) ? new OutputError(path, error) : error;
  }
  print(context, { job_id: id, file: path }, path);
  return exitCodes.done;
}

async function save(response: Response, path: string, signal: AbortSignal): Promise<void> {
  if (response.body === null) throw new LostConnectionError('the answer has no content');
  try {
    const body = Readable.fromWeb(response.body as ReadableStream);
    await pipeline(body, createWriteStream(path, { flags: 'wx' }), { signal });
  } catch (error) {
    if (isOfFiles(error)) throw error;
    throw new LostConnectionError('the connection was lost before the archive was complete', {
      cause: error,
    });
  }
}

/** The system's answer to a call on a file; those of connections come wrapped in others. */
function isOfFiles(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

export async function digits(
  context: Context,
  id: string,
  options: { readonly start: number; readonly count: number },
): Promise<ExitCode> {
  const end = options.start + options.count;
  for (let start = options.start; start < end; ) {
    const asked = Math.min(DIGITS_PER_REQUEST, end - start);
    const text = await context.client.readDigits(id, start, asked);
    const output = context.json ? `${JSON.stringify({ job_id: id, start, digits: text })}\n` : text;
    if (!context.out.write(output)) await new Promise((resolve) => context.out.once('drain', resolve));
    start += text.length;
    if (text.length < asked) break;
  }
  if (!context.json) context.out.write('\n');
  return exitCodes.done;
}
