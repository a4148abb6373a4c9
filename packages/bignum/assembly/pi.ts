/**
 * Digits of pi from start to end, in steps. Between two steps whatever the next one needs can be kept elsewhere, and a later run can
 * go on from it. Leader.
 */
import { termCount } from './chudnovsky';
import {
  blockDigits,
  blockStart,
  blockText,
  conversionHolds,
  fractionWords,
  nextBlock,
  openConversion,
  treeDigits,
} from './decimal';
import { DIGITS_ADDRESS, DOUBTFUL_DIGITS, FRACTION_ADDRESS, FRACTION_WORDS } from './memory-map';
import { copyNatural, Natural, newNatural, setNatural } from './natural';
import { divide, inverseRootOf10005, reciprocal, reciprocalWords } from './newton';
import { multiply, productRoom } from './product';
import {
  advanceSeries,
  heldFirst,
  heldRange,
  heldRanges,
  heldSubtrees,
  mergeIsNext,
  openRange,
  openSeries,
  sealLastRange,
  seriesSubtrees,
  wholeSeries,
} from './series';
import { allocate, setTop, stackTop } from './stack';
import { copyWords, multiplyByWord, shiftLeft, subtractBorrow, subtractWords, zeroWords } from './words';

/** Decimals that are computed beyond those asked for: they show whether a carry could still reach what is handed out. */
const GUARD_DIGITS: usize = 20;
const CERTAIN_GUARD_DIGITS: usize = GUARD_DIGITS - 2;
const GUARD_WORDS: usize = 2;
const FEWEST_DIGITS: usize = 400;

/** How far the computation is, and the numbers that are then in the slots, in the order of their places in memory. */
const STAGE_SERIES: i32 = 0;
/** Q, 13591409 Q - T, 1 / sqrt(10005) */
const STAGE_ROOT: i32 = 1;
/** The quotient's denominator and numerator: n words with the top bit set, and n + 1 words. */
const STAGE_QUOTIENT: i32 = 2;
/** The same and the denominator's reciprocal to half the precision. */
const STAGE_RECIPROCAL: i32 = 3;
/** The fraction. */
const STAGE_FRACTION: i32 = 4;
const SLOTS: usize = 3;

const DESCRIPTION_WORDS: usize = 512;

/** 426880 sqrt(10005) = 426880 * 10005 / sqrt(10005) */
const ROOT_FACTOR: u64 = 4270934400;

/** Decimals asked for, decimals computed. */
let asked: usize = 0;
let wanted: usize = 0;
let fractionCount: usize = 0;
let stage: i32 = STAGE_SERIES;
let slots: usize = 0;
let description: usize = 0;
/** Where numbers begin that outlast a step. */
let base: usize = 0;

function slot(index: usize): Natural {
  return changetype<Natural>(slots + index * offsetof<Natural>());
}

/** Begins a computation of `digits` decimals behind the point; a step of the series takes so many subtrees for each thread. */
export function openPi(digits: usize, subtreesPerThread: usize): void {
  asked = max(digits, FEWEST_DIGITS);
  wanted = asked + GUARD_DIGITS;
  fractionCount = fractionWords(wanted) + GUARD_WORDS;
  stage = STAGE_SERIES;
  slots = allocate(SLOTS * offsetof<Natural>());
  description = allocate(DESCRIPTION_WORDS << 3);
  openSeries(termCount(<f64>(wanted + 20)), fractionCount + 1, subtreesPerThread);
  base = stackTop();
}

/** One step of the series; 1 while there are more. */
export function stepSeries(): usize {
  return advanceSeries() ? 1 : 0;
}

/** Whether the next step uses up ranges that are described. */
export function mergesNext(): usize {
  return mergeIsNext() ? 1 : 0;
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

/** One step from the series to the fraction; 1 while there are more. */
export function stepFraction(): usize {
  if (stage === STAGE_SERIES) findRoot();
  else if (stage === STAGE_ROOT) formQuotient();
  else if (stage === STAGE_QUOTIENT) findReciprocal();
  else if (stage === STAGE_RECIPROCAL) findFraction();
  return stage < STAGE_FRACTION ? 1 : 0;
}

/** The same for the steps behind the series: the stage, how many numbers there are, address and words of each. */
export function describeNumbers(): usize {
  const count = numbersAt(stage);
  let at = describe(description, stage);
  at = describe(at, count);
  for (let index: usize = 0; index < count; index++) at = describeNumber(at, slot(index));
  return description;
}

function numbersAt(ofStage: i32): usize {
  if (ofStage === STAGE_ROOT || ofStage === STAGE_RECIPROCAL) return 3;
  return ofStage === STAGE_QUOTIENT ? 2 : 1;
}

/** Room for the numbers of a stage that an earlier run kept; returns where `describeNumbers` tells the places to fill in. */
export function openKeptNumbers(ofStage: usize, words0: usize, words1: usize, words2: usize): usize {
  stage = <i32>ofStage;
  if (stage === STAGE_FRACTION) {
    openFraction();
    return describeNumbers();
  }
  let place = base;
  for (let index: usize = 0; index < numbersAt(stage); index++) {
    const number = slot(index);
    number.words = place;
    number.count = index === 0 ? words0 : index === 1 ? words1 : words2;
    place = behind(number);
  }
  setTop(place);
  return describeNumbers();
}

/** After the numbers were filled in. */
export function sealKeptNumbers(): void {
  for (let index: usize = 0; index < numbersAt(stage); index++) {
    const number = slot(index);
    setNatural(number, number.words, number.count);
  }
}

/** Where another number may begin. */
function behind(number: Natural): usize {
  return (number.words + (number.count << 3) + 191) & ~(<usize>63);
}

/** Moves the numbers of a stage, which lie in memory in the order of their slots, to the base; all else is given back. */
function enterStage(next: i32): void {
  stage = next;
  let place = base;
  for (let index: usize = 0; index < numbersAt(next); index++) {
    const number = slot(index);
    copyWords(place, number.words, number.count);
    number.words = place;
    place = behind(number);
  }
  setTop(place);
}

function findRoot(): void {
  const n = fractionCount;
  const series = wholeSeries();
  copyNatural(slot(0), series.q);
  const q = slot(0);
  const t = series.t;
  const wide = q.count + 2;
  const denominator = allocate(wide << 3);
  store<u64>(denominator + (q.count << 3), multiplyByWord(denominator, q.words, q.count, 13591409));
  store<u64>(denominator + ((q.count + 1) << 3), 0);
  const borrow = subtractWords(denominator, denominator, t.words, t.count);
  subtractBorrow(denominator + (t.count << 3), wide - t.count, borrow);
  setNatural(slot(1), denominator, wide);
  // T is not needed any more: what is left moves to its place before the root takes memory.
  enterStage(STAGE_QUOTIENT);
  const root = allocate(n << 3);
  inverseRootOf10005(root, n);
  setNatural(slot(2), root, n);
  enterStage(STAGE_ROOT);
}

/** Both sides of the quotient, scaled alike. */
function formQuotient(): void {
  const n = fractionCount;
  const q = slot(0);
  const product = newNatural();
  multiply(product, allocate(productRoom(q.count + n) << 3), q, slot(2));
  const scaled = product.words;
  store<u64>(scaled + (product.count << 3), multiplyByWord(scaled, scaled, product.count, ROOT_FACTOR));
  const numerator = newNatural();
  // The root stands n words behind the point.
  setNatural(numerator, scaled + (n << 3), product.count + 1 - n);
  alignQuotient(slot(1), numerator);
  enterStage(STAGE_QUOTIENT);
}

/** Shifts both sides until the denominator has n words and its top bit set; what falls off the numerator's low end is below a unit. */
function alignQuotient(denominator: Natural, numerator: Natural): void {
  const n = fractionCount;
  const up = denominator.count < n ? n - denominator.count : 0;
  const down = denominator.count > n ? denominator.count - n : 0;
  const bits = clz(load<u64>(denominator.words + ((denominator.count - 1) << 3)));
  alignNumber(slot(0), denominator, up, down, bits, n);
  alignNumber(slot(1), numerator, up, down, bits, n + 1);
}

function alignNumber(result: Natural, number: Natural, up: usize, down: usize, bits: u64, n: usize): void {
  const words = allocate((max(number.count, n) + up + 2) << 3);
  zeroWords(words, max(number.count, n) + up + 2);
  store<u64>(
    words + ((number.count + up) << 3),
    shiftLeft(words + (up << 3), number.words, number.count, bits, 0),
  );
  setNatural(result, words + (down << 3), n);
}

function findReciprocal(): void {
  const m = reciprocalWords(fractionCount);
  const y = slot(2);
  y.words = allocate((m + 2) << 3);
  reciprocal(y, m, slot(0));
  enterStage(STAGE_RECIPROCAL);
}

/** pi - 3, at most a few units of its last word too small. */
function findFraction(): void {
  const n = fractionCount;
  const pi = allocate((n + 1) << 3);
  divide(pi, n, slot(1), slot(0), slot(2));
  if (load<u64>(pi + (n << 3)) !== 3) unreachable();
  copyWords(openFraction(), pi, n);
}

/** The fraction's place at the base, on zeros where the conversion's tree has more digits than are wanted; returns it. */
function openFraction(): usize {
  const n = fractionCount;
  const tree = fractionWords(treeDigits(wanted));
  const zeros = tree > n ? tree - n : 0;
  stage = STAGE_FRACTION;
  const fraction = slot(0);
  fraction.words = base + (zeros << 3);
  fraction.count = n;
  store<u64>(FRACTION_ADDRESS, <u64>fraction.words);
  store<u64>(FRACTION_WORDS, <u64>n);
  return fraction.words;
}

/**
 * Begins the conversion at the block that has decimal `from`; with `certify`, at the first. Returns where that block begins.
 * The digits of a block are the fraction's, and right unless `isDoubtful` says otherwise.
 */
export function openDecimals(from: usize, certify: usize): usize {
  const n = fractionCount;
  const tree = fractionWords(treeDigits(wanted));
  const fraction = slot(0);
  if (tree > n) zeroWords(base, tree - n);
  setTop(behind(fraction));
  atomic.store<i32>(DOUBTFUL_DIGITS, 0);
  return openConversion(fraction.words + (n << 3) - (tree << 3), wanted, from, certify !== 0);
}

/** Writes the next block's ASCII digits, stores their address at DIGITS_ADDRESS and returns how many there are; 0 when all are done. */
export function writeDecimals(): usize {
  const digits = nextBlock();
  if (digits === 0) return 0;
  store<u64>(DIGITS_ADDRESS, <u64>blockText());
  return digits;
}

/** Whether the digits just written are in doubt and must not be handed out: more have to be computed to decide. */
export function isDoubtful(): usize {
  if (atomic.load<i32>(DOUBTFUL_DIGITS) !== 0) return 1;
  // Where a block ends within the guard digits, the watch at its end has decided already.
  const inBlock = asked >= blockStart() && asked + CERTAIN_GUARD_DIGITS <= blockStart() + blockDigits();
  return inBlock && onlyNines(blockText() + asked - blockStart()) ? 1 : 0;
}

/** Whether the guard digits but the last two are nines: the error could then carry into the digits before. */
function onlyNines(text: usize): bool {
  for (let i: usize = 0; i < CERTAIN_GUARD_DIGITS; i++) {
    if (load<u8>(text + i) !== 57) return false;
  }
  return true;
}

/** After the last block of a certified conversion: 1 when the text is the fraction's, by a residue of the whole. */
export function certifyDecimals(): usize {
  return conversionHolds() ? 1 : 0;
}
