import { stat } from 'node:fs/promises';
import type { ProgramRunner } from '@pi-jobs/process-runner';
import { DictionaryError } from './dictionary-error.ts';
import { compileGlob } from './match-glob.ts';
import { resolveInside } from './resolve-inside.ts';
import { ResultList } from './result-list.ts';
import { programFailure, runQuery } from './run-query.ts';
import { unescapeName } from './unescape-name.ts';

export interface FolderListing {
  /** Relative to one of `roots`: the first in which it is a folder. */
  readonly folder: string;
  /** A glob; `''` lets every name pass. */
  readonly filter: string;
  readonly roots: readonly string[];
  readonly maxResultSize: number;
}

/** The names that `ls` shows in a folder, in the order of `ls`: hidden ones are not among them. Throws a `DictionaryError`. */
export async function listFolder(
  runner: ProgramRunner,
  listing: FolderListing,
  signal?: AbortSignal,
): Promise<ResultList> {
  const path = await findFolder(listing.roots, listing.folder);
  const passes = listing.filter === '' ? () => true : compileGlob(listing.filter);
  const results = new ResultList(Number.POSITIVE_INFINITY, listing.maxResultSize);
  const request = { program: 'ls', args: ['-1', '-b', '--', path], ...(signal && { signal }) };
  const run = await runQuery(runner, request, (line) => {
    const name = unescapeName(line);
    return !passes(name) || results.add(name);
  });
  if (run.isCut) results.isTruncated = true;
  if (run.exitCode !== null && run.exitCode > 0) throw programFailure('The folder could not be listed.', run);
  return results;
}

async function findFolder(roots: readonly string[], folder: string): Promise<string> {
  for (const root of roots) {
    const path = await resolveInside(root, folder);
    if (path !== undefined && (await isFolder(path))) return path;
  }
  throw new DictionaryError('query_failed', `There is no folder ${JSON.stringify(folder)} to list.`);
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
