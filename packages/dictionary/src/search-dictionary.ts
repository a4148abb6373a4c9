import type { ProgramRunner } from '@pi-jobs/process-runner';
import { ContextCollector } from './context-collector.ts';
import { DictionaryError } from './dictionary-error.ts';
import { ResultList } from './result-list.ts';
import { programFailure, type QueryRun, runQuery } from './run-query.ts';
import { type SearchPlan, type SearchProgram, searchArguments } from './search-arguments.ts';

export interface DictionarySearch extends Omit<SearchPlan, 'maxMatches'> {
  /** Infinity for all. */
  readonly maxResults: number;
  /** Of all entries together, in characters. */
  readonly maxResultSize: number;
}

/** The matching lines of one file, each with its context. Throws a `DictionaryError`. */
export async function searchDictionary(
  runner: ProgramRunner,
  program: SearchProgram,
  search: DictionarySearch,
  signal?: AbortSignal,
): Promise<ResultList> {
  const { before, after, maxResults, maxResultSize } = search;
  const results = new ResultList(maxResults, maxResultSize);
  const collector = before + after > 0 ? new ContextCollector(before, after, maxResults, results) : undefined;
  // One match more tells whether there is more. The lines after the last match may be matches too, and a program that stops at a
  // count need not print them all: `after` more are enough to reach beyond that context.
  const maxMatches = maxResults + 1 + after;
  const args = searchArguments(program, { ...search, maxMatches });
  const run = await runQuery(runner, { program, args, ...(signal && { signal }) }, (line) =>
    collector === undefined ? results.add(line) : collector.push(line),
  );
  collector?.end();
  if (run.isCut) results.isTruncated = true;
  // Both programs: 0 found, 1 not found, 2 failed.
  if (run.exitCode !== null && run.exitCode > 1) throw await explainFailure(runner, program, search, run);
  return results;
}

/** An expression that fails on an empty file too is at fault itself. */
async function explainFailure(
  runner: ProgramRunner,
  program: SearchProgram,
  search: DictionarySearch,
  run: QueryRun,
): Promise<DictionaryError> {
  if (search.isRegex) {
    const plan: SearchPlan = { ...search, before: 0, after: 0, maxMatches: 1, path: '/dev/null' };
    const probe = await runQuery(runner, { program, args: searchArguments(program, plan) }, () => undefined);
    if (probe.exitCode !== null && probe.exitCode > 1) {
      return new DictionaryError('invalid_query', `term: no valid expression: ${firstLine(probe.stderr)}.`);
    }
  }
  return programFailure('The dictionary could not be read.', run);
}

function firstLine(stderr: string): string {
  return (stderr.split('\n', 1)[0] ?? '').replace(/^(grep|rg): /, '').slice(0, 200);
}
