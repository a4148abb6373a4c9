import type { FileUpload } from '../file-exchange.ts';

/** Moves a source's chunks into an upload. A source that says nothing more is left at once when the signal fires. */
export async function pump(
  source: AsyncIterable<Uint8Array>,
  upload: FileUpload,
  signal: AbortSignal | undefined,
): Promise<void> {
  const iterator = source[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      const next = await unlessAborted(iterator.next(), signal);
      if (next.done === true) {
        ended = true;
        return;
      }
      await upload.write(next.value);
    }
  } finally {
    // Not awaited: a generator answers `return` only after the `next` that is still under way.
    if (!ended) iterator.return?.().catch(() => undefined);
  }
}

/** Settles as `promise` does, or rejects with the signal's reason. `Promise.race` would leave a listener on the signal for every chunk. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
