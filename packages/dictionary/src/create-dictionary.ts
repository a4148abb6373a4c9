import type { ProgramRunner } from '@pi-jobs/process-runner';
import { findDictionary } from './find-dictionary.ts';
import { listFolder } from './list-folder.ts';
import type { AllQuery, DictionaryAnswer, ListQuery, Query, SearchQuery } from './queries.ts';
import type { ResultList } from './result-list.ts';
import type { SearchProgram } from './search-arguments.ts';
import { type DictionarySearch, searchDictionary } from './search-dictionary.ts';

export interface DictionaryOptions {
  /** The dictionaries: UTF-8 text files, one quote a line. */
  readonly dir: string;
  /** Folders that `list` may show, and what is below them. */
  readonly listRoots: readonly string[];
  readonly runner: ProgramRunner;
  /** Default `grep`. `rg` is taken when it can be run, else `grep`; its regular expressions are Rust's. */
  readonly program?: SearchProgram;
  /** All results of one answer together, in UTF-16 code units with 8 more for each entry. Default 16 Mi. */
  readonly maxResultSize?: number;
}

/** Answers queries by running programs. Everything that goes wrong is a `DictionaryError`, an abort the signal's own reason. */
export interface Dictionary {
  /** Every line of a dictionary. */
  all(query: AllQuery, signal?: AbortSignal): Promise<DictionaryAnswer>;
  /** One entry for each matching line: the lines before it, itself and the lines after it, joined by newlines. */
  search(query: SearchQuery, signal?: AbortSignal): Promise<DictionaryAnswer>;
  /** The names in a folder. */
  list(query: ListQuery, signal?: AbortSignal): Promise<DictionaryAnswer>;
  /** Whichever of the three the query asks for. */
  answer(query: Query, signal?: AbortSignal): Promise<DictionaryAnswer>;
}

export function createDictionary(options: DictionaryOptions): Dictionary {
  const { dir, listRoots, runner, maxResultSize = 16 * 1024 * 1024 } = options;
  let chosen: SearchProgram | undefined;

  /** Asks once; when it cannot be asked now, because the line is full, the search itself says so. */
  const chooseProgram = async (): Promise<SearchProgram> => {
    const wanted = options.program ?? 'grep';
    if (wanted === 'grep' || chosen !== undefined) return chosen ?? wanted;
    const probe = await runner.run({ program: wanted, args: ['--version'] }).catch(() => undefined);
    if (probe === undefined) return 'grep';
    chosen = probe.exitCode === 0 ? wanted : 'grep';
    return chosen;
  };

  const findLines = async (
    name: string | undefined,
    search: Omit<DictionarySearch, 'path' | 'maxResultSize'>,
    signal?: AbortSignal,
  ) => {
    const path = await findDictionary(dir, name);
    const program = await chooseProgram();
    return toAnswer(await searchDictionary(runner, program, { ...search, path, maxResultSize }, signal));
  };

  const dictionary: Dictionary = {
    all: (query, signal) =>
      findLines(
        query.dictionary,
        { term: '', isRegex: false, before: 0, after: 0, maxResults: Number.POSITIVE_INFINITY },
        signal,
      ),

    search: (query, signal) =>
      findLines(
        query.dictionary,
        {
          term: query.term,
          isRegex: query.regex,
          before: query.n_before,
          after: query.n_after,
          maxResults: query.nresults > 0 ? query.nresults : Number.POSITIVE_INFINITY,
        },
        signal,
      ),

    list: async ({ folder, filter }, signal) =>
      toAnswer(await listFolder(runner, { folder, filter, roots: listRoots, maxResultSize }, signal)),

    answer(query, signal) {
      switch (query.action) {
        case 'all':
          return dictionary.all(query, signal);
        case 'search':
          return dictionary.search(query, signal);
        case 'list':
          return dictionary.list(query, signal);
      }
    },
  };
  return dictionary;
}

function toAnswer({ entries, isTruncated }: ResultList): DictionaryAnswer {
  return { 'nr of entries': entries.length, results: entries, truncated: isTruncated };
}
