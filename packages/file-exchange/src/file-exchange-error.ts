/** What can be wrong with a file or its name, and the HTTP status that says so. */
export const FILE_EXCHANGE_ERRORS = {
  invalid_name: 400,
  missing_extension: 400,
  /** More or fewer bytes came than were announced. */
  size_mismatch: 400,
  not_found: 404,
  name_taken: 409,
  too_large: 413,
  extension_not_allowed: 415,
  content_mismatch: 415,
  /** The disk is full or would be, or the exchange holds as many files as it may. */
  no_space: 507,
} as const;

export type FileExchangeErrorCode = keyof typeof FILE_EXCHANGE_ERRORS;

/** The message is a sentence for the sender of the file; it names no path of the host. */
export class FileExchangeError extends Error {
  override readonly name = 'FileExchangeError';
  readonly code: FileExchangeErrorCode;

  constructor(code: FileExchangeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get status(): number {
    return FILE_EXCHANGE_ERRORS[this.code];
  }
}
