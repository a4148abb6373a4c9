import { type ErrorKind, errorTable } from './error-table.ts';

/** A query that gets no answer. The message is for the caller and names nothing of the host; the cause is for the log. */
export class DictionaryError extends Error {
  override readonly name = 'DictionaryError';
  readonly kind: ErrorKind;
  /** Where HTTP is spoken. */
  readonly status: number;

  constructor(kind: ErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
    this.status = errorTable[kind].status;
  }
}
