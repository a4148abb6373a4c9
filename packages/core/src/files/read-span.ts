import type { FileHandle } from 'node:fs/promises';

/** A part of a file, in bytes: from `start` up to, not including, `end`. */
export interface ByteSpan {
  readonly start: number;
  readonly end: number;
}

export interface ReadSpanOptions {
  /** Largest chunk, 256 KiB by default. */
  readonly chunkBytes?: number;
  readonly signal?: AbortSignal | undefined;
  /** A chunk is good only until the next one is asked for: its memory is used again. Spares most of the time of reading what is sent on at once. */
  readonly recycle?: boolean;
}

const CHUNK_BYTES = 256 * 1024;

/**
 * The bytes of a span in chunks, which are the reader's to keep unless told otherwise; stops early where the file ends. The next chunk is read while the reader
 * has one, and none beyond that: a reader that stops asking holds two.
 */
export async function* readSpan(
  file: FileHandle,
  { start, end }: ByteSpan,
  { chunkBytes = CHUNK_BYTES, signal, recycle = false }: ReadSpanOptions = {},
): AsyncGenerator<Buffer> {
  // One is with the reader while the other is filled.
  let spare: Buffer | undefined;
  const readAt = (position: number) => {
    if (position >= end) return undefined;
    const wanted = Math.min(chunkBytes, end - position);
    const chunk = spare?.subarray(0, wanted) ?? Buffer.allocUnsafe(wanted);
    const reading = file.read(chunk, 0, chunk.length, position);
    // It may fail while nobody waits for it; whoever asks for the next chunk is told.
    reading.catch(() => undefined);
    return reading;
  };
  let reading = readAt(start);
  try {
    for (let position = start; reading !== undefined; ) {
      signal?.throwIfAborted();
      const { bytesRead, buffer } = await reading;
      reading = undefined;
      if (bytesRead === 0) return;
      position += bytesRead;
      reading = readAt(position);
      yield buffer.subarray(0, bytesRead);
      if (recycle && buffer.length === chunkBytes) spare = buffer;
    }
  } finally {
    // Whoever closes the file next must not take it from under the read.
    await reading?.catch(() => undefined);
  }
}
