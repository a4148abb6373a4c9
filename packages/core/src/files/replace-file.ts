import { randomUUID } from 'node:crypto';
import { closeSync, fdatasync, openSync, renameSync, writeFileSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { syncFolder } from './sync-file.ts';

const flushData = promisify(fdatasync);

export interface ReplaceFileOptions {
  /** Folder for the temporary file; it must be on the same volume as `path`. */
  readonly temporaryFolder: string;
  /** Wait until the content and the name are on disk. Without it a power failure may bring the old content back; a killed process may not. */
  readonly durable: boolean;
}

/**
 * Puts `content`, some kilobytes, at `path` in one step: a reader sees the old file or the new one, whole. The only way state is
 * written here.
 *
 *     write temporary -> fsync it -> rename over `path` -> fsync the folder
 *
 * A crash before the rename leaves a stray temporary file, a crash after it the new file. Only the waits for the disk go through the
 * thread pool: a trip there takes ten times as long as one of the other steps.
 */
export async function replaceFile(
  path: string,
  content: string | Uint8Array,
  options: ReplaceFileOptions,
): Promise<void> {
  const temporary = `${options.temporaryFolder}/${randomUUID()}`;
  try {
    const file = openSync(temporary, 'wx');
    try {
      writeFileSync(file, content);
      if (options.durable) await flushData(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  if (options.durable) await syncFolder(dirname(path));
}
