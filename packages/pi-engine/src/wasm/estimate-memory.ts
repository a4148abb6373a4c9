import { piMemoryBytes } from '@pi-jobs/bignum';

/** Node itself with its threads. */
const processBytes = 90_000_000;
const threadBytes = 15_000_000;

/** What 32-bit memory holds: 150 million digits ran in 3.7 GB. */
export const mostWasmDigits = 150_000_000;

/**
 * Bytes that a computation takes at its peak, the process included; more than any machine has where 32-bit memory
 * does not hold it, so that such a count is refused before it is tried.
 */
export function estimateWasmMemory(digitCount: number, threads: number): number {
  if (digitCount > mostWasmDigits) return Number.MAX_SAFE_INTEGER;
  return processBytes + threads * threadBytes + piMemoryBytes(digitCount, threads);
}
