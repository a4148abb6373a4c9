import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** A reader that takes nothing for so long is gone, whatever its connection says. */
export const STALLED_AFTER_MS = 10 * 60 * 1000;

/** Writes chunks as fast as the client takes them. Returns early, with the source closed, when the client goes away. */
export async function writeChunks(res: ServerResponse, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) {
    if (res.destroyed) return;
    if (!res.write(chunk)) await drained(res);
  }
}

async function drained(res: ServerResponse): Promise<void> {
  if (res.destroyed) return;
  const settled = new AbortController();
  const timer = setTimeout(() => res.destroy(), STALLED_AFTER_MS);
  try {
    // Both losers must let go of the response again.
    await Promise.race([
      once(res, 'drain', { signal: settled.signal }),
      once(res, 'close', { signal: settled.signal }),
    ]);
  } finally {
    clearTimeout(timer);
    settled.abort();
  }
}
