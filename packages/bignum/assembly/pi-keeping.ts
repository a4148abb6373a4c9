/** What there is to keep between two steps, and how a later run takes it up. Leader. */
import { Natural, setNatural } from './natural';
import { numbersAt, placeFraction, placeNumbers, STAGE_FRACTION, slot, stage } from './pi-stages';
import {
  heldFirst,
  heldRange,
  heldRanges,
  heldSubtrees,
  openRange,
  sealLastRange,
  seriesSubtrees,
} from './series';
import { allocate } from './stack';

const DESCRIPTION_WORDS: usize = 512;

let description: usize = 0;

export function openDescription(): void {
  description = allocate(DESCRIPTION_WORDS << 3);
}

/**
 * Where 64-bit words begin that say what there is to keep: how many subtrees the tree has, how many ranges there are, and of each its
 * first subtree, their number, the exponent, then address and words of T, Q and P.
 */
export function describeRanges(): usize {
  let at = description;
  at = describe(at, seriesSubtrees());
  at = describe(at, heldRanges());
  for (let index: usize = 0; index < heldRanges(); index++) {
    const range = heldRange(index);
    at = describe(at, heldFirst(index));
    at = describe(at, heldSubtrees(index));
    at = describe(at, range.exponent);
    at = describeNumber(at, range.t);
    at = describeNumber(at, range.q);
    at = describeNumber(at, range.p);
  }
  return description;
}

function describe(at: usize, value: usize): usize {
  if (at >= description + (DESCRIPTION_WORDS << 3)) unreachable();
  store<u64>(at, <u64>value);
  return at + 8;
}

function describeNumber(at: usize, number: Natural): usize {
  return describe(describe(at, number.words), number.count);
}

/** Room for a range that an earlier run kept; returns where T, Q and P are to be filled in, one behind the other. */
export function openKeptRange(
  first: usize,
  count: usize,
  exponent: usize,
  wordsT: usize,
  wordsQ: usize,
  wordsP: usize,
): usize {
  return openRange(first, count, exponent, wordsT, wordsQ, wordsP).t.words;
}

/** After the range was filled in. */
export function sealKeptRange(): void {
  sealLastRange();
}

/** The same for the steps behind the series: the stage, how many numbers there are, address and words of each. */
export function describeNumbers(): usize {
  const count = numbersAt(stage());
  let at = describe(description, stage());
  at = describe(at, count);
  for (let index: usize = 0; index < count; index++) at = describeNumber(at, slot(index));
  return description;
}

/** Room for the numbers of a stage that an earlier run kept; returns where `describeNumbers` tells the places to fill in. */
export function openKeptNumbers(ofStage: usize, words0: usize, words1: usize, words2: usize): usize {
  if (<i32>ofStage === STAGE_FRACTION) placeFraction();
  else placeNumbers(<i32>ofStage, words0, words1, words2);
  return describeNumbers();
}

/** After the numbers were filled in. */
export function sealKeptNumbers(): void {
  for (let index: usize = 0; index < numbersAt(stage()); index++) {
    const number = slot(index);
    setNatural(number, number.words, number.count);
  }
}
