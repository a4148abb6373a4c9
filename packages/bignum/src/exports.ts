/** What the WebAssembly module exports. With addresses of 64 bits every argument and result is a bigint, see `member.ts`. */
export interface KernelExports {
  join(rank: number, count: number, from: number, to: number): void;
  serve(): void;
  dismiss(): void;
  prepare(logVectors: number): void;
  /** 1 when this runtime's vector code is exact. */
  selfCheck(): number;
  openPi(decimals: number): void;
  computeSeries(): void;
  openSeries(wordsQ: number, wordsT: number): void;
  seriesAddress(ofT: number): number;
  seriesWords(ofT: number): number;
  computeFraction(): void;
  /** 1 when the digits are not certain. */
  writeDecimals(): number;
  stackTop(): number;
  highestTop(): number;
  allocate(bytes: number): number;
  release(mark: number): void;
  multiplyNumbers(dst: number, a: number, wordsA: number, b: number, wordsB: number): void;
}

/** The calls that a team's leader takes from outside. */
export type LeaderCall = Exclude<keyof KernelExports, 'join' | 'serve'>;
