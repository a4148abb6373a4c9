import { DictionaryError, type ErrorRow, errorTable } from '@pi-jobs/dictionary';
import {
  defineProblems,
  type HttpProblem,
  kitProblems,
  type ProblemDocument,
  type RequestTools,
} from '@pi-jobs/http-kit';
import { RunnerRefusedError } from '@pi-jobs/process-runner';
import { baseUrlOf } from './base-url.ts';
import { instructionsPath } from './query-paths.ts';

/** Those of the query API's errors that no other route has; the others are the kit's own kinds. */
export const queryProblems = defineProblems({
  invalid_query: errorTable.invalid_query,
  query_failed: errorTable.query_failed,
  action_not_implemented: errorTable.action_not_implemented,
  line_full: errorTable.line_full,
});

const problems = { ...kitProblems, ...queryProblems };

/** What an external program's caller is told; anything unforeseen is thrown on as it is. */
export function toQueryProblem(error: unknown): HttpProblem {
  if (error instanceof RunnerRefusedError) {
    const kind = error.kind === 'line-full' ? 'line_full' : 'shutting_down';
    return problems[kind](`${error.message}.`, { cause: error, headers: { 'Retry-After': 1 } });
  }
  if (!(error instanceof DictionaryError)) throw error;
  const headers = error.status === 503 ? { 'Retry-After': 1 } : {};
  return problems[error.kind](error.message, { cause: error, headers });
}

const rows: Readonly<Record<string, ErrorRow>> = errorTable;

/**
 * The two members that every error under `/api` has besides a problem's own: `Code`, the status, and `message`, which says why and
 * leads to the instructions.
 */
export function describeQueryError(
  req: RequestTools['req'],
  problem: ProblemDocument,
): Record<string, unknown> | undefined {
  if (!/^\/api(?:[/?]|$)/i.test(req.url)) return undefined;
  const row = rows[problem.code] ?? Object.values(rows).find(({ status }) => status === problem.status);
  const reasons = row === undefined ? problem.detail : `${problem.detail} ${row.meaning}`;
  return { Code: problem.status, message: `${reasons} Instructions: ${baseUrlOf(req)}${instructionsPath}` };
}
