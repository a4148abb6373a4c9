import type { FileExchange, UploadRules } from '@pi-jobs/file-exchange';

/** What the routes of the file exchange need. */
export interface FileRouteDependencies {
  readonly exchange: FileExchange;
  readonly rules: Pick<UploadRules, 'maxBytes' | 'allowedExtensions'>;
  /** An upload that nothing came of for so long is given up; 60,000 by default. */
  readonly idleMs?: number;
}

export const DEFAULT_IDLE_MS = 60_000;
