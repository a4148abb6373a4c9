import type { DigitDestination } from './digit-destination.ts';

/** The reader at the other end has gone away, as `head` does when it has enough. */
export class ReaderGoneError extends Error {
  override readonly name = 'ReaderGoneError';
}

/** Standard output; what is written there cannot be taken back. */
export function openStandardOutput(): DigitDestination {
  const { stdout } = process;
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    failure.reject(error.code === 'EPIPE' ? new ReaderGoneError() : error);
  });
  return {
    write: async (bytes) => {
      const written = Promise.withResolvers<void>();
      // The engine may use its buffer again once this is done, so wait until the bytes are with the system.
      stdout.write(bytes, () => written.resolve());
      await Promise.race([written.promise, failure.promise]);
    },
    finish: async () => {},
    discard: async () => {},
  };
}

/** Prints a text for people or programs; that its reader has gone away is nobody's loss. */
export async function printText(text: string | Uint8Array): Promise<void> {
  try {
    await openStandardOutput().write(Buffer.from(text));
  } catch (error) {
    if (!(error instanceof ReaderGoneError)) throw error;
  }
}
