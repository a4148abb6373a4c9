import { readFile } from 'node:fs/promises';
import { ifPresent } from '../../files/errno.ts';
import { replaceFile } from '../../files/replace-file.ts';
import type { FileVolume } from '../volume/file-volume.ts';

/**
 * The id up to which every job has a record or a result, so that the line is not searched from its beginning. An old cursor, after
 * a power failure, costs looks and nothing else.
 */
export async function readCursor(volume: FileVolume): Promise<number> {
  const cursor = Number((await ifPresent(readFile(volume.layout.cursor, 'latin1'))) ?? 0);
  return Number.isSafeInteger(cursor) && cursor >= 0 ? cursor : 0;
}

/** Inside the mutex. */
export async function writeCursor(volume: FileVolume, id: number): Promise<void> {
  await replaceFile(volume.layout.cursor, `${id}\n`, {
    temporaryFolder: volume.layout.temporary,
    durable: false,
  });
}
