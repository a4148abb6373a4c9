/**
 * The numbers of a computation that outlast a step: at each stage behind the series up to three, one behind the other in memory from
 * the base on, so that the step that follows has all the rest. Leader.
 */
import { fractionWords, treeDigits } from './conversion-tree';
import {
  FRACTION_ADDRESS,
  FRACTION_WORDS,
  STAGE,
  STAGE_NUMBERS,
  STAGE_SLOTS,
  STAGE_WORK,
  WORK_DONE,
} from './memory-map';
import { Natural } from './natural';
import { allocate, setTop, stackTop } from './stack';
import { copyWords } from './words';

/** Decimals that are computed beyond those asked for: they show whether a carry could still reach what is handed out. */
export const GUARD_DIGITS: usize = 20;
const GUARD_WORDS: usize = 2;
/** More than a leaf of the conversion has, whose tree so has a level. */
const FEWEST_DIGITS: usize = 460;

/** How far the computation is, and the numbers that are then in the slots, in the order of their places in memory. */
export const STAGE_SERIES: i32 = 0;
/** Q, 13591409 Q - T */
export const STAGE_SUMS: i32 = 1;
/** The same and 1 / sqrt(10005) */
export const STAGE_ROOT: i32 = 2;
/** The quotient's denominator and numerator: n words with the top bit set, and n + 1 words. */
export const STAGE_QUOTIENT: i32 = 3;
/** The same and the denominator's reciprocal to half the precision. */
export const STAGE_RECIPROCAL: i32 = 4;
/** The fraction. */
export const STAGE_FRACTION: i32 = 5;
/** Between two of them. */
const STAGE_NONE: i32 = -1;
const SLOTS: usize = 3;

/** Decimals asked for. */
let asked: usize = 0;
let words: usize = 0;
let reached: i32 = STAGE_SERIES;
let slots: usize = 0;
/** Where the numbers begin. */
let base: usize = 0;

/** Begins with the series of a computation of `digits` decimals. */
export function openStages(digits: usize): void {
  asked = max(digits, FEWEST_DIGITS);
  words = fractionWords(wantedDigits()) + GUARD_WORDS;
  leaveFor(STAGE_SERIES);
  slots = allocate(SLOTS * offsetof<Natural>());
  store<u64>(STAGE_SLOTS, <u64>slots);
}

/** What is allocated up to now stays where it is. */
export function openNumbers(): void {
  base = stackTop();
  arrive();
}

/** Until `arrive` no number that outlasts a step is where it is said to be. */
export function leaveFor(next: i32): void {
  atomic.store<i32>(STAGE, STAGE_NONE);
  reached = next;
  store<u64>(STAGE_NUMBERS, <u64>numbersAt(next));
}

/** The numbers of the stage are whole and in the slots. */
export function arrive(): void {
  store<i64>(STAGE_WORK, load<i64>(WORK_DONE));
  atomic.store<i32>(STAGE, reached);
}

/** Decimals that the result is asked for, and those that are computed. */
export function askedDigits(): usize {
  return asked;
}

export function wantedDigits(): usize {
  return asked + GUARD_DIGITS;
}

/** Words of the result. */
export function resultWords(): usize {
  return words;
}

export function stage(): i32 {
  return reached;
}

export function slot(index: usize): Natural {
  return changetype<Natural>(slots + index * offsetof<Natural>());
}

/** Numbers of a stage. */
export function numbersAt(ofStage: i32): usize {
  if (ofStage === STAGE_ROOT || ofStage === STAGE_RECIPROCAL) return 3;
  return ofStage === STAGE_SUMS || ofStage === STAGE_QUOTIENT ? 2 : 1;
}

/** Where another number may begin. */
export function behind(number: Natural): usize {
  return (number.words + (number.count << 3) + 191) & ~(<usize>63);
}

/** Moves the numbers of a stage, which lie in memory in the order of their slots, to the base; all else is given back. */
export function enterStage(next: i32): void {
  leaveFor(next);
  let place = base;
  for (let index: usize = 0; index < numbersAt(next); index++) {
    const number = slot(index);
    copyWords(place, number.words, number.count);
    number.words = place;
    place = behind(number);
  }
  setTop(place);
  arrive();
}

/** On the way to a stage: its numbers lie one behind the other from the base on, of so many words each, to be filled in. */
export function placeNumbers(atStage: i32, words0: usize, words1: usize, words2: usize): void {
  leaveFor(atStage);
  let place = base;
  for (let index: usize = 0; index < numbersAt(reached); index++) {
    const number = slot(index);
    number.words = place;
    number.count = index === 0 ? words0 : index === 1 ? words1 : words2;
    place = behind(number);
  }
  setTop(place);
}

/** Words of zeros below the fraction: the conversion's tree has room for more digits than are wanted. */
function zeroWordsBelow(): usize {
  const tree = fractionWords(treeDigits(wantedDigits()));
  return tree > words ? tree - words : 0;
}

/** On the way to the last stage; returns the fraction's place, above the zeros. */
export function placeFraction(): usize {
  leaveFor(STAGE_FRACTION);
  const fraction = slot(0);
  fraction.words = base + (zeroWordsBelow() << 3);
  fraction.count = words;
  store<u64>(FRACTION_ADDRESS, <u64>fraction.words);
  store<u64>(FRACTION_WORDS, <u64>words);
  return fraction.words;
}

/** Where the fraction begins as long as the tree has room for, zeros at its low end. */
export function treeFraction(): usize {
  const zeros = zeroWordsBelow();
  memory.fill(base, 0, zeros << 3);
  setTop(behind(slot(0)));
  const tree = fractionWords(treeDigits(wantedDigits()));
  return base + ((zeros + words - tree) << 3);
}
