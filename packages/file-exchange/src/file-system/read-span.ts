import type { FileHandle } from 'node:fs/promises';
import type { ByteSpan } from '../file-exchange.ts';

const CHUNK_BYTES = 256 * 1024;

/**
 * The bytes of a span in chunks, each read when it is asked for, so a reader that stops asking holds one chunk. A file
 * that ends early (someone truncated it) is an error: what was promised by its size cannot be kept.
 */
export async function* readSpan(file: FileHandle, span: ByteSpan): AsyncGenerator<Uint8Array> {
  for (let at = span.start; at < span.end; ) {
    const wanted = Math.min(CHUNK_BYTES, span.end - at);
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(wanted), 0, wanted, at);
    if (bytesRead === 0) throw new Error(`the file ended at byte ${at} of ${span.end}`);
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
