/** Bytes at the peak of a run on BigInt, the process included: some 15 % above what runs of 10^6 to 10^7 digits took. */
export function estimateBigIntMemory(digitCount: number, threads: number): number {
  return 70_000_000 + threads * 25_000_000 + digitCount * (38 + 6 * threads);
}
