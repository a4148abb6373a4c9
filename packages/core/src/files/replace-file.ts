import { randomUUID } from 'node:crypto';
import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface ReplaceFileOptions {
  /** Folder for the temporary file; it must be on the same volume as `path`. */
  readonly temporaryFolder: string;
  /** Wait until the content and the name are on disk. Without it a power failure may bring the old content back; a killed process may not. */
  readonly durable: boolean;
}

/**
 * Puts `content` at `path` in one step: a reader sees the old file or the new one, whole. The only way state is written here.
 *
 *     write temporary -> fsync it -> rename over `path` -> fsync the folder
 *
 * A crash before the rename leaves a stray temporary file, a crash after it the new file.
 */
export async function replaceFile(
  path: string,
  content: string | Uint8Array,
  options: ReplaceFileOptions,
): Promise<void> {
  const temporary = `${options.temporaryFolder}/${randomUUID()}`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(content);
      if (options.durable) await file.datasync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  if (options.durable) await syncFolder(dirname(path));
}

/** Makes the names in a folder durable: files created in it, renamed or removed before this call. */
export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r');
  await folder.sync();
}

/** Makes durable what any process has written to a file before this call. */
export async function syncFile(path: string): Promise<void> {
  await using file = await open(path, 'r');
  await file.datasync();
}
