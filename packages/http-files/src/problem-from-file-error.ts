import { FileExchangeError, type FileExchangeErrorCode } from '@pi-jobs/file-exchange';
import { kitProblems, type ProblemFactory } from '@pi-jobs/http-kit';
import { fileProblems } from './file-problems.ts';

const FACTORIES: Readonly<Record<FileExchangeErrorCode, ProblemFactory>> = {
  ...fileProblems,
  not_found: fileProblems.file_not_found,
  too_large: fileProblems.file_too_large,
  no_space: kitProblems.storage_full,
};

/** The problem that an error of the exchange is; any other error as it is. */
export function problemFromFileError(error: unknown): unknown {
  return error instanceof FileExchangeError ? FACTORIES[error.code](error.message, { cause: error }) : error;
}
