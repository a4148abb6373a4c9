import { randomUUID } from 'node:crypto';
import { unlink, writeFile } from 'node:fs/promises';

/** Writes and removes a small file; throws the system's error when the folder cannot be written. */
export async function checkWritable(folder: string): Promise<void> {
  const path = `${folder}/${randomUUID()}`;
  try {
    await writeFile(path, 'x', { flag: 'wx' });
  } finally {
    await unlink(path).catch(() => undefined);
  }
}
