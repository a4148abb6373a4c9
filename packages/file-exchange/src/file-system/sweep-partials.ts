import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Partial files that were not written to for so long belong to a process that is gone. */
export const STALE_AFTER_MS = 24 * 60 * 60 * 1000;

/** Removes the partial files that killed processes left, other processes' too; returns how many. Living uploads keep their file's time young. */
export async function sweepPartials(folder: string, now: number): Promise<number> {
  let removed = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(folder, entry.name);
    // Gone between two looks is as good as removed here.
    const age = await stat(path)
      .then((stats) => now - stats.mtimeMs)
      .catch(() => 0);
    if (age < STALE_AFTER_MS) continue;
    removed += await unlink(path)
      .then(() => 1)
      .catch(() => 0);
  }
  return removed;
}
