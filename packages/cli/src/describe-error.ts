import { getSystemErrorMap } from 'node:util';
import { ApiError, LostConnectionError, UnexpectedAnswerError, UnreachableError } from '@pi-jobs/client';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { UsageError } from './usage.ts';

/** What a command that did not succeed says; with `--json` as one line of JSON on standard error. */
export interface Failure {
  readonly success: false;
  /** For people. */
  readonly error: string;
  /** For scripts: the service's own, or one of those below. */
  readonly code: string;
  /** Of the service's answer. */
  readonly status?: number;
  /** Seconds after which the service says to try again. */
  readonly retry_after?: number;
  readonly exit_code: ExitCode;
}

/** Another way out of the error. */
const hints: Readonly<Record<string, string>> = {
  usage: ' (pi-jobs --help tells more)',
  unreachable: '; is it running there? (npm start, or --job-api, --download-api)',
};

/** What the system's own words leave unclear. */
const plainWords: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'a part of its path is no folder',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
};

export function describeError(error: unknown): Failure {
  if (error instanceof UsageError) return failure('usage', error.message, exitCodes.usage);
  if (error instanceof UnreachableError) return failure('unreachable', error.message);
  if (error instanceof LostConnectionError) return failure('connection_lost', error.message);
  if (error instanceof UnexpectedAnswerError) return failure('unexpected_answer', error.message);
  if (error instanceof ApiError) {
    const { status, retryAfterSeconds } = error;
    return {
      ...failure(error.code ?? 'refused', error.message),
      status,
      ...(retryAfterSeconds === undefined ? {} : { retry_after: retryAfterSeconds }),
    };
  }
  if (error instanceof OutputError) return failure('output_failed', error.message);
  return failure('failed', error instanceof Error ? error.message : String(error));
}

/** On one line: the object, or a sentence with what may help. */
export function failureLine(told: Failure, json: boolean): string {
  return json ? JSON.stringify(told) : `pi-jobs: ${told.error}${hints[told.code] ?? ''}`;
}

/** A file that could not be written. */
export class OutputError extends Error {
  override readonly name = 'OutputError';

  constructor(what: string, cause: unknown) {
    super(`cannot write ${what}: ${inPlainWords(cause)}`, { cause });
  }
}

/** The system's error without its code, call and path. */
function inPlainWords(error: unknown): string {
  const { code, errno, message } = error as NodeJS.ErrnoException;
  const [, words] = getSystemErrorMap().get(errno ?? 0) ?? [];
  return plainWords[code ?? ''] ?? words ?? message;
}

function failure(code: string, error: string, exitCode: ExitCode = exitCodes.refused): Failure {
  return { success: false, error, code, exit_code: exitCode };
}
