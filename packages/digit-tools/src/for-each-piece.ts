import { setImmediate as nextTurn } from 'node:timers/promises';

/** Most bytes that are worked on before other events get their turn: about a millisecond. */
const PIECE_BYTES = 1024 * 1024;

/**
 * Hands a stream over in pieces until `visit` returns false. Gives the event loop a turn each time a piece's worth of bytes has gone by, even
 * when the stream never waits. Rejects with the signal's reason within one piece.
 */
export async function forEachPiece(
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
  visit: (piece: Uint8Array) => boolean,
): Promise<void> {
  let sinceTurn = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      signal?.throwIfAborted();
      const piece = chunk.subarray(at, at + PIECE_BYTES);
      if (!visit(piece)) return;
      sinceTurn += piece.length;
      if (sinceTurn < PIECE_BYTES) continue;
      sinceTurn = 0;
      await nextTurn();
    }
  }
  signal?.throwIfAborted();
}
