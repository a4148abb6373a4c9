import { deserialize, serialize } from 'node:v8';

/**
 * An integer as V8's serialised bytes in memory that all threads share: it goes from worker to worker and to checkpoints without a
 * copy, and the coordinating thread never handles it as a number. Packing costs as much as copying memory.
 */
export type PackedInteger = SharedArrayBuffer;

export function packInteger(value: bigint): PackedInteger {
  const bytes = serialize(value);
  const packed = new SharedArrayBuffer(bytes.length);
  new Uint8Array(packed).set(bytes);
  return packed;
}

/** Throws an error when the bytes are no packed integer. */
export function unpackInteger(packed: PackedInteger): bigint {
  const value: unknown = deserialize(new Uint8Array(packed));
  if (typeof value !== 'bigint') throw new TypeError('the packed value is not an integer');
  return value;
}
