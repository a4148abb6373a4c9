/** Bytes at the peak of a run on BigInt. */
export function estimateBigIntMemory(digitCount: number, threads: number): number {
  return 100_000_000 + threads * 20_000_000 + digitCount * 60;
}
