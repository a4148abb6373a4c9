import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoCode } from './errno.ts';
import { syncFolder } from './sync-file.ts';

/**
 * Makes the folder and those above it, as far as they are not there, durably: the name of each that it makes is on disk when this
 * resolves. A folder that is there costs no wait for the disk. Throws the system's error where nothing can be made, as below `/proc`:
 * there Node.js's own recursive `mkdir` never comes back.
 */
export async function makeFolders(path: string): Promise<void> {
  const parent = dirname(path);
  try {
    return await makeFolder(path);
  } catch (error) {
    if (errnoCode(error) !== 'ENOENT' || parent === path) throw error;
  }
  await makeFolders(parent);
  await makeFolder(path);
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (errnoCode(error) === 'EEXIST' && (await stat(path)).isDirectory()) return;
    throw error;
  }
  await syncFolder(dirname(path));
}
