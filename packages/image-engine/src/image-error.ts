/**
 * Everything that can go wrong with an image, by code.
 *
 * `fault` says whose it is: `image` and `request` are the client's (the same bytes fail again), `service` is this side's. Only what
 * is `retryable` is worth doing again. Which HTTP status a code becomes is the service's to say; the usual mapping is 415 for
 * `IMAGE_UNSUPPORTED_TYPE`, 413 for `IMAGE_TOO_LARGE`, 400 for the others that are the client's.
 */
export const IMAGE_ERRORS = {
  /** The content is none of the accepted types, or is several at once. */
  IMAGE_UNSUPPORTED_TYPE: { fault: 'image', retryable: false },
  /** The content begins as an accepted type and then is cut short or breaks the type's rules. */
  IMAGE_DAMAGED: { fault: 'image', retryable: false },
  /** More bytes, pixels or frames than the limits allow. */
  IMAGE_TOO_LARGE: { fault: 'image', retryable: false },
  /** The operations are malformed, or cannot be applied to this image. */
  IMAGE_OPERATIONS_INVALID: { fault: 'request', retryable: false },
  /** The work took longer than `timeoutMs`. */
  IMAGE_TIMEOUT: { fault: 'image', retryable: false },
  /** The work took more memory than `maxRssBytes`. */
  IMAGE_OUT_OF_MEMORY: { fault: 'image', retryable: false },
  /** The child process ended before it answered: killed from outside, or crashed. */
  IMAGE_PROCESS_DIED: { fault: 'service', retryable: true },
  /** The result could not be written. */
  IMAGE_STORAGE_FAILED: { fault: 'service', retryable: true },
  /** The engine was closed before the work was done. */
  IMAGE_ENGINE_CLOSED: { fault: 'service', retryable: true },
} as const satisfies Record<string, { fault: 'image' | 'request' | 'service'; retryable: boolean }>;

export type ImageErrorCode = keyof typeof IMAGE_ERRORS;

/** A failure with a code, a message fit to show to the client (no path, no stack) and, where there is one, a cause for the log. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
  readonly code: ImageErrorCode;

  constructor(code: ImageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get fault(): 'image' | 'request' | 'service' {
    return IMAGE_ERRORS[this.code].fault;
  }

  get retryable(): boolean {
    return IMAGE_ERRORS[this.code].retryable;
  }
}
