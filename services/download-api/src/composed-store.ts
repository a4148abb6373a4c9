import type { DigitSource, JobStore } from '@pi-jobs/core';
import type { FileExchange } from '@pi-jobs/file-exchange';
import type { ResumableStore } from '@pi-jobs/resumable-uploads';

/** Where results and files are. */
export interface ComposedStore {
  readonly jobs: JobStore;
  readonly digits: DigitSource;
  readonly exchange: FileExchange;
  readonly resumable: ResumableStore;
  /** Removes what uploads left that were given up or whose process was killed. */
  sweep(): Promise<void>;
  /** Throws when the store cannot be used. */
  check(): Promise<void>;
  close(): Promise<void>;
}
