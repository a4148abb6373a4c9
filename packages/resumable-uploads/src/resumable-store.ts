import type { DataStore } from '@tus/server';

export const DAY_MS = 24 * 60 * 60 * 1000;

/** What an upload needs of the place where its bytes gather, beyond what tus asks of every store. */
export interface ResumableStore extends DataStore {
  /** What every id begins with; the client sees only what follows. */
  readonly idPrefix: string;
  /** Puts a complete upload into the exchange under its name; doing it again changes nothing. */
  adopt(id: string, filename: string): Promise<void>;
  /** Have all bytes come without the file being known to be in the exchange? */
  isInterrupted(id: string): Promise<boolean>;
  /** Call when the exchange has the file: the upload is still known until it expires. */
  markFinished(id: string): Promise<void>;
  /** Forgets an upload, whatever there is of it. */
  discard(id: string): Promise<void>;
}
