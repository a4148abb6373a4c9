/**
 * Digits of pi from start to end, in steps: those of the series here, those to the fraction in pi-fraction.ts, the digits in
 * pi-decimals.ts. Between two steps whatever the next one needs can be kept elsewhere (pi-keeping.ts), and a later run can go on from
 * it. Leader.
 */
import { termCount } from './chudnovsky';
import { openNumbers, openStages, resultWords, wantedDigits } from './pi-stages';
import { advanceSeries, nextStep, openSeries } from './series';
import { takeInJoined } from './team';

/** Begins a computation of `digits` decimals behind the point; a step of the series takes so many subtrees for each thread. */
export function openPi(digits: usize, subtreesPerThread: usize): void {
  openStages(digits);
  openSeries(termCount(<f64>(wantedDigits() + 20)), resultWords() + 1, subtreesPerThread);
  openNumbers();
}

/** One step of the series, a block of subtrees at once or not; returns what the next one is, as `nextInSeries` does. */
export function stepSeries(wholeBlock: usize): usize {
  takeInJoined();
  advanceSeries(wholeBlock !== 0);
  return nextStep();
}

/** 0 none, 1 a block of subtrees, 2 the rest of one, 3 a merge that uses up ranges that are described. */
export function nextInSeries(): usize {
  return nextStep();
}
