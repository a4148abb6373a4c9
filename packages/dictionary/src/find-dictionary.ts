import { readdir, stat } from 'node:fs/promises';
import { DictionaryError } from './dictionary-error.ts';
import { nameFault } from './plain-name.ts';
import { resolveInside } from './resolve-inside.ts';

const defaultName = 'quotes.txt';

/** The real path of a dictionary; of the default one when no name is given. Only regular files are dictionaries. */
export async function findDictionary(dir: string, name: string | undefined): Promise<string> {
  if (name !== undefined) {
    const path = await regularFile(dir, name);
    if (path !== undefined) return path;
    throw new DictionaryError('query_failed', `There is no readable dictionary ${JSON.stringify(name)}.`);
  }
  for (const candidate of [defaultName, ...(await namesInside(dir))]) {
    const path = await regularFile(dir, candidate);
    if (path !== undefined) return path;
  }
  throw new DictionaryError('query_failed', 'There is no dictionary.');
}

async function regularFile(dir: string, name: string): Promise<string | undefined> {
  const path = await resolveInside(dir, name);
  // Asked before any program opens it: opening a FIFO or a device may wait for ever.
  return path !== undefined && (await isFile(path)) ? path : undefined;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** In the order of their code units, so that every machine has the same first one. */
async function namesInside(dir: string): Promise<string[]> {
  try {
    return (await readdir(dir)).filter((name) => nameFault(name) === undefined).sort();
  } catch {
    return [];
  }
}
