import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PackedInteger } from './packed-integer.ts';

/**
 * How checkpoints are written: a line of JSON `{"format":"pi-jobs-bigint","version":1,"lengths":[..]}`, then that many packed
 * integers one after the other (-1 stands for one that is left out), then the SHA-256 of all of it. Anything else is no checkpoint.
 */
const format = 'pi-jobs-bigint';
const version = 1;
const chunkBytes = 1 << 20;
const hashBytes = 32;

export type CheckpointContent = readonly (PackedInteger | undefined)[];

/** The bytes in pieces of at most 1 MiB, so that hashing them never holds up the event loop for long. */
export function* encodeCheckpoint(content: CheckpointContent): Generator<Uint8Array> {
  const hash = createHash('sha256');
  const lengths = content.map((packed) => packed?.byteLength ?? -1);
  const header = new TextEncoder().encode(`${JSON.stringify({ format, version, lengths })}\n`);
  hash.update(header);
  yield header;
  for (const packed of content) {
    for (let start = 0; packed !== undefined && start < packed.byteLength; start += chunkBytes) {
      // A copy, because shared memory is not accepted everywhere that takes bytes.
      const chunk = new Uint8Array(packed).slice(start, start + chunkBytes);
      hash.update(chunk);
      yield chunk;
    }
  }
  yield hash.digest();
}

/** The packed integers, or undefined when the bytes are damaged, cut short or of another version. */
export async function decodeCheckpoint(
  chunks: AsyncIterable<Uint8Array>,
): Promise<CheckpointContent | undefined> {
  const bytes = Buffer.concat(await Array.fromAsync(chunks));
  const body = bytes.subarray(0, Math.max(0, bytes.length - hashBytes));
  const expected = bytes.subarray(body.length);
  if (!(await hashOf(body)).equals(expected)) return undefined;

  const headerEnd = body.indexOf(0x0a);
  const header = JSON.parse(body.toString('utf8', 0, headerEnd)) as {
    format?: unknown;
    version?: unknown;
    lengths?: readonly number[];
  };
  if (header.format !== format || header.version !== version || header.lengths === undefined)
    return undefined;
  let position = headerEnd + 1;
  return header.lengths.map((length) => {
    if (length < 0) return undefined;
    const packed = new SharedArrayBuffer(length);
    new Uint8Array(packed).set(body.subarray(position, position + length));
    position += length;
    return packed;
  });
}

/** Piece by piece with the event loop in between. */
async function hashOf(bytes: Uint8Array): Promise<Buffer> {
  const hash = createHash('sha256');
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    hash.update(bytes.subarray(start, start + chunkBytes));
    await nextTurn();
  }
  return hash.digest();
}
