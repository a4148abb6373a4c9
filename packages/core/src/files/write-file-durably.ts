import {
  type BigIntStats,
  closeSync,
  fdatasync,
  fstatSync,
  openSync,
  writeFile,
  writeFileSync,
} from 'node:fs';
import { promisify } from 'node:util';

const flush = promisify(fdatasync);
const writeAll = promisify(writeFile);
/** Up to this a chunk is written in one step: a trip through the thread pool takes longer than the copying. */
const AT_ONCE_BYTES = 64 * 1024;

/** Writes a new file, whose content (not its name) is on disk when this resolves. An error leaves the file as it is then. */
export async function writeFileDurably(
  path: string,
  content: Uint8Array | AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<BigIntStats> {
  const file = openSync(path, 'wx');
  try {
    for await (const chunk of content instanceof Uint8Array ? [content] : content) {
      signal?.throwIfAborted();
      if (chunk.length <= AT_ONCE_BYTES) writeFileSync(file, chunk);
      else await writeAll(file, chunk);
    }
    await flush(file);
    return fstatSync(file, { bigint: true });
  } finally {
    closeSync(file);
  }
}
