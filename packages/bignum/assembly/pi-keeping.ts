/** How a run takes up what an earlier one has kept; what there is to keep is read from the memory (src/whole-numbers.ts). Leader. */
import { setNatural } from './natural';
import { arrive, numbersAt, placeFraction, placeNumbers, STAGE_FRACTION, slot, stage } from './pi-stages';
import { openRange, sealLastRange } from './series';

/** Room for a range that an earlier run kept, to be filled in where it is said to be; its work in two halves of 32 bits. */
export function openKeptRange(
  first: usize,
  count: usize,
  exponent: usize,
  wordsT: usize,
  wordsQ: usize,
  wordsP: usize,
  workHigh: usize,
  workLow: usize,
): void {
  openRange(first, count, exponent, wordsT, wordsQ, wordsP, ((<i64>workHigh) << 32) | <i64>workLow);
}

/** After the range was filled in. */
export function sealKeptRange(): void {
  sealLastRange();
}

/** Room for the numbers of a stage that an earlier run kept, to be filled in where the slots say. */
export function openKeptNumbers(ofStage: usize, words0: usize, words1: usize, words2: usize): void {
  if (<i32>ofStage === STAGE_FRACTION) placeFraction();
  else placeNumbers(<i32>ofStage, words0, words1, words2);
}

/** After the numbers were filled in. */
export function sealKeptNumbers(): void {
  for (let index: usize = 0; index < numbersAt(stage()); index++) {
    const number = slot(index);
    setNatural(number, number.words, number.count);
  }
  arrive();
}
