import { createWriteStream } from 'node:fs';
import { rename, unlink } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { type Context, print } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';

/** Most digits that one request gives. */
const DIGITS_PER_REQUEST = 1_000_000;

/** Writes beside the file and renames: an archive that broke off never bears the name. */
export async function download(context: Context, id: string, output: string | undefined): Promise<ExitCode> {
  const path = output ?? `digits_of_pi_${id}.zip`;
  const temporary = `${path}.part`;
  const response = await context.client.download(id, { signal: context.interrupted });
  if (response.body === null) throw new Error('the service sent no body');
  try {
    const body = Readable.fromWeb(response.body as ReadableStream);
    await pipeline(body, createWriteStream(temporary), { signal: context.interrupted });
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  print(context, { job_id: id, file: path }, path);
  return exitCodes.done;
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
