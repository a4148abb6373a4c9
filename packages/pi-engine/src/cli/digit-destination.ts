/** Where the text of a result goes. */
export interface DigitDestination {
  /** Writes bytes after those before; resolves when the next may follow. */
  write(bytes: Uint8Array): Promise<void>;
  /** Makes the result appear. */
  finish(): Promise<void>;
  /** Leaves nothing of it behind. */
  discard(): Promise<void>;
}
