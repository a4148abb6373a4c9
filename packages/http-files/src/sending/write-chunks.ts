import type { ServerResponse } from 'node:http';

/** A reader that takes nothing for so long is gone, whatever its connection says. */
const STALLED_AFTER_MS = 10 * 60 * 1000;

/**
 * Writes chunks as fast as the client takes them, and asks for the next one when the last has gone out, so that its memory may be used
 * again. Returns early, with the source closed, when the client goes away.
 */
export async function writeChunks(res: ServerResponse, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) {
    if (res.destroyed) return;
    await flush(res, chunk);
  }
}

function flush(res: ServerResponse, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => res.destroy(), STALLED_AFTER_MS);
    const settle = (): void => {
      clearTimeout(timer);
      res.off('close', settle);
      resolve();
    };
    res.once('close', settle);
    res.write(chunk, settle);
  });
}
