import type { DigitEngine } from '@pi-jobs/core/engine';

/** The largest number of digits whose memory estimate stays within `memoryBytes`; 0 when not even one does. */
export function mostDigitsWithin(
  engine: Pick<DigitEngine, 'estimateMemoryBytes'>,
  memoryBytes: number,
  threads: number,
): number {
  let fits = 0;
  let exceeds = 1;
  while (
    engine.estimateMemoryBytes(exceeds, threads) <= memoryBytes &&
    exceeds < Number.MAX_SAFE_INTEGER / 2
  ) {
    fits = exceeds;
    exceeds *= 2;
  }
  while (exceeds - fits > 1) {
    const middle = Math.floor((fits + exceeds) / 2);
    if (engine.estimateMemoryBytes(middle, threads) <= memoryBytes) fits = middle;
    else exceeds = middle;
  }
  return fits;
}
