import { open } from 'node:fs/promises';
import { readSpan } from '@pi-jobs/core';
import type { RequestTools } from '@pi-jobs/http-kit';
import { sendContent } from './send-content.ts';

export interface StoredContent {
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
  file: StoredContent,
): Promise<void> {
  await using handle = await open(file.path);
  const { size, mtime } = await handle.stat();
  await sendContent(tools, {
    ...file,
    size,
    modifiedAt: mtime,
    read: (span) => readSpan(handle, span, { recycle: true }),
  });
}
