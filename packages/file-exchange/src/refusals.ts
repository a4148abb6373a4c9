import { FileExchangeError } from './file-exchange-error.ts';

export function nameTaken(filename: string, cause?: unknown): FileExchangeError {
  return new FileExchangeError('name_taken', `There is already a file named ${filename}.`, { cause });
}

export function notFound(filename: string): FileExchangeError {
  return new FileExchangeError('not_found', `There is no file named ${filename}.`);
}

/** The exchange holds `maxFiles` files. */
export function noRoom(maxFiles: number): FileExchangeError {
  return new FileExchangeError(
    'no_space',
    `The exchange holds ${maxFiles} files already, as many as it may.`,
  );
}
