import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoCode } from './errno.ts';

/**
 * Makes the folder and those above it; true when it was not there. Throws the system's error where nothing can be made, as below
 * `/proc`: there Node.js's own recursive `mkdir` never comes back.
 */
export async function makeFolders(path: string): Promise<boolean> {
  const parent = dirname(path);
  try {
    return await makeFolder(path);
  } catch (error) {
    if (errnoCode(error) !== 'ENOENT' || parent === path) throw error;
  }
  await makeFolders(parent);
  return makeFolder(path);
}

async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if (errnoCode(error) === 'EEXIST' && (await stat(path)).isDirectory()) return false;
    throw error;
  }
}
