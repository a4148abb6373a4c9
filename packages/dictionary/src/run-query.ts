import {
  type LineSink,
  type ProgramRequest,
  type ProgramRunner,
  RunnerRefusedError,
} from '@pi-jobs/process-runner';
import { DictionaryError } from './dictionary-error.ts';

export interface QueryRun {
  readonly exitCode: number | null;
  /** A limit cut the output short. */
  readonly isCut: boolean;
  readonly stderr: string;
}

/**
 * Runs a program for a query and gives every end but a good one its `DictionaryError`. A caller who went away gets the reason of
 * his own signal.
 */
export async function runQuery(
  runner: ProgramRunner,
  request: ProgramRequest,
  onLine: LineSink,
): Promise<QueryRun> {
  const outcome = await runner.run(request, onLine).catch((error: unknown) => {
    throw error instanceof RunnerRefusedError ? refusal(error) : error;
  });
  const { exitCode, stderr } = outcome;
  switch (outcome.reason) {
    case 'exited':
    case 'enough':
      return { exitCode, stderr, isCut: false };
    case 'output-limit':
    case 'line-limit':
    case 'line-too-long':
      return { exitCode, stderr, isCut: true };
    case 'timeout':
      throw new DictionaryError('query_failed', 'The query took too long and was ended.');
    case 'killed':
      throw new DictionaryError('query_failed', 'The external program was ended from outside.');
    case 'spawn-failed':
      throw new DictionaryError('internal_error', 'The external program could not be started.', {
        cause: outcome.error,
      });
    case 'aborted':
      request.signal?.throwIfAborted();
      throw new DictionaryError('shutting_down', 'The query was ended because the server stops.');
  }
}

/** For an exit code that means failure; what the program said about it is for the log, since it names paths. */
export function programFailure(message: string, run: QueryRun): DictionaryError {
  const cause = new Error(`exit code ${run.exitCode}: ${run.stderr.trim()}`);
  return new DictionaryError('query_failed', message, { cause });
}

function refusal(error: RunnerRefusedError): DictionaryError {
  return error.kind === 'line-full'
    ? new DictionaryError('line_full', 'Too many queries wait in line.', { cause: error })
    : new DictionaryError('shutting_down', 'No query is taken any more.', { cause: error });
}
