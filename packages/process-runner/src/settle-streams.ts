import type { Readable } from 'node:stream';

/** How long a pipe may stay open and silent after the program is gone. */
const silenceMs = 500;

/**
 * Resolves when the streams of an ended program are read to their end. A process that left the group may still hold a pipe open;
 * after half a second without a byte the stream is closed on our side, so that it costs neither a descriptor nor a waiting caller.
 */
export async function settleStreams(streams: readonly Readable[]): Promise<void> {
  await Promise.all(streams.map(settle));
}

function settle(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.closed) {
      resolve();
      return;
    }
    // When the timer comes due because the event loop was held up, unread bytes may lie there: one more turn reads them.
    const giveUp = () => setImmediate(() => stream.destroy());
    const timer = setTimeout(giveUp, silenceMs);
    stream.on('data', () => timer.refresh());
    // Ends in an error too: the bytes that came are all there will be.
    stream.on('error', () => undefined);
    stream.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
