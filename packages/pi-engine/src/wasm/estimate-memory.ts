import { piMemoryBytes } from '@pi-jobs/bignum';

/** Node itself with its threads. */
const processBytes = 90_000_000;
const threadBytes = 15_000_000;

/** Bytes that a computation takes at its peak, the process included. */
export function estimateWasmMemory(digitCount: number, threads: number): number {
  return processBytes + threads * threadBytes + piMemoryBytes(digitCount, threads);
}
