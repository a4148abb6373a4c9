import { mostMemoryBytes, piMemoryBytes } from '@pi-jobs/bignum';

/** Node itself with its threads. */
const processBytes = 105_000_000;
const threadBytes = 20_000_000;

/**
 * Bytes that a computation takes at its peak, the process included; more than any machine has where WebAssembly's memory does not
 * hold it, so that such a count is refused before it is tried.
 */
export function estimateWasmMemory(digitCount: number, threads: number): number {
  const bytes = piMemoryBytes(digitCount, threads);
  return bytes > mostMemoryBytes ? Number.MAX_SAFE_INTEGER : processBytes + threads * threadBytes + bytes;
}
