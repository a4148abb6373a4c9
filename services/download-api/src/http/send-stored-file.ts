import { open } from 'node:fs/promises';
import type { RequestTools } from '@pi-jobs/http-kit';
import { sendContent } from './send-content.ts';

const CHUNK_BYTES = 256 * 1024;

export interface StoredFile {
  readonly path: string;
  /** With its quotes. */
  readonly etag: string;
  readonly contentType: string;
  /** Further headers of a 200 or 206 answer. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers GET or HEAD with a file that is replaced as a whole, if ever. Rejects with the system's error when it cannot be opened. */
export async function sendStoredFile(
  tools: Pick<RequestTools, 'req' | 'res'>,
  file: StoredFile,
): Promise<void> {
  await using handle = await open(file.path);
  const { size, mtime } = await handle.stat();
  await sendContent(tools, {
    ...file,
    size,
    modifiedAt: mtime,
    // The stream's end is the last byte itself.
    read: ({ start, end }) =>
      handle.createReadStream({ start, end: end - 1, autoClose: false, highWaterMark: CHUNK_BYTES }),
  });
}
