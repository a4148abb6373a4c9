/**
 * Digits of pi from start to end, in steps: those of the series here, those to the fraction in pi-fraction.ts, the digits in
 * pi-decimals.ts. Between two steps whatever the next one needs can be kept elsewhere (pi-keeping.ts), and a later run can go on from
 * it. Leader.
 */
import { termCount } from './chudnovsky';
import { openNumbers, openStages, resultWords, wantedDigits } from './pi-stages';
import { advanceSeries, mergeIsNext, openSeries } from './series';

/** Begins a computation of `digits` decimals behind the point; a step of the series takes so many subtrees for each thread. */
export function openPi(digits: usize, subtreesPerThread: usize): void {
  openStages(digits);
  openSeries(termCount(<f64>(wantedDigits() + 20)), resultWords() + 1, subtreesPerThread);
  openNumbers();
}

/** One step of the series; 1 while there are more. */
export function stepSeries(): usize {
  return advanceSeries() ? 1 : 0;
}

/** Whether the next step uses up ranges that are described. */
export function mergesNext(): usize {
  return mergeIsNext() ? 1 : 0;
}
