import type { PiPhase } from '@pi-jobs/bignum';

export type TimedPhase = Exclude<PiPhase, 'start' | 'certification'>;

/** One measured run. */
export interface MeasuredTimes {
  readonly threads: number;
  readonly decimals: number;
  /** Work of the transforms for each decimal, by phase. */
  readonly work: Readonly<Record<TimedPhase, number>>;
  /** Seconds until each sixteenth of the splitting's work was done. */
  readonly splitting: readonly number[];
  /** Seconds. */
  readonly root: number;
  readonly division: number;
  readonly conversion: number;
  /** Seconds of the conversion, of the residues of the whole and of Bellard's formula in a run with a certificate. */
  readonly certifiedConversion: number;
  readonly certification: number;
  readonly verification: number;
  /** Seconds, the longest time without news of work. */
  readonly longestStep: number;
}
