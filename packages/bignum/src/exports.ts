/** What the WebAssembly module exports. With addresses of 64 bits every argument and result is a bigint, see `kernel-values.ts`. */
export interface KernelExports {
  lead(threads: number, from: number, to: number): void;
  serve(threads: number, from: number, to: number): void;
  giveUp(): void;
  prepare(logVectors: number): void;
  /** 1 when this runtime's vector code is exact. */
  selfCheck(): number;
  openPi(decimals: number, subtreesPerThread: number): void;
  /** A step is a whole block of subtrees (1), or a subtree or a merge of it (0). Returns which of the `seriesSteps` comes next. */
  stepSeries(wholeBlock: number): number;
  nextInSeries(): number;
  openKeptRange(
    first: number,
    count: number,
    exponent: number,
    wordsT: number,
    wordsQ: number,
    wordsP: number,
    workHigh: number,
    workLow: number,
  ): void;
  sealKeptRange(): void;
  /** 1 while there are more steps. */
  stepFraction(): number;
  openKeptNumbers(stage: number, words0: number, words1: number, words2: number): void;
  sealKeptNumbers(): void;
  /** The decimal with which the first block begins. */
  openDecimals(from: number, certify: number): number;
  /** Digits of the next block, 0 behind the last. */
  writeDecimals(): number;
  /** 1 when the block's digits are not certain. */
  isDoubtful(): number;
  /** 1 when the text is the fraction's. */
  certifyDecimals(): number;
  stackTop(): number;
  highestTop(): number;
  allocate(bytes: number): number;
  release(mark: number): void;
  /** For tests: where address and words of T, Q and P of the terms from `from` to before `to` stand. */
  sumTerms(from: number, to: number): number;
  /** For tests: numbers side by side, see `assembly/lanes.ts`. */
  newLanes(digits: number): number;
  setLanes(lanes: number, words: number): void;
  multiplyLanes(result: number, x: number, y: number): void;
  sumProducts(result: number, a: number, b: number, c: number, d: number): void;
  takeLanes(lanes: number, lane: number, first: number, second: number): void;
  multiplyNumbers(dst: number, a: number, wordsA: number, b: number, wordsB: number): void;
}

/** What the next step of the series is: a block is kept when it is whole, a merge uses up ranges that are held. */
export const seriesSteps = { none: 0, block: 1, restOfBlock: 2, merge: 3 } as const;

/** The calls that a team's leader takes from outside. */
export type LeaderCall = Exclude<keyof KernelExports, 'lead' | 'serve' | 'giveUp'>;
