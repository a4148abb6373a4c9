import { readdir, stat, unlink } from 'node:fs/promises';
import { ifPresent } from './errno.ts';

/**
 * Removes the files that were last written `ageMs` ago or earlier, of those that `isStray` picks by name; several processes may do it
 * at once. No error without the folder.
 */
export async function sweepFolder(
  folder: string,
  ageMs: number,
  isStray: (name: string) => boolean = () => true,
): Promise<void> {
  const names = (await ifPresent(readdir(folder))) ?? [];
  for (const name of names.filter(isStray)) {
    const path = `${folder}/${name}`;
    const file = await ifPresent(stat(path));
    if (file?.isFile() && Date.now() - file.mtimeMs >= ageMs) await ifPresent(unlink(path));
  }
}
