import { errnoCode, isStorageFull } from '@pi-jobs/core';
import { FileExchangeError } from '../file-exchange-error.ts';

/** A full disk, a full quota or the largest file that the file system can hold, as the exchange's own error; anything else as it is. */
export function translateWriteError(error: unknown): unknown {
  if (!isStorageFull(error) && errnoCode(error) !== 'EFBIG') return error;
  return new FileExchangeError('no_space', 'There is no space left for the file.', { cause: error });
}
