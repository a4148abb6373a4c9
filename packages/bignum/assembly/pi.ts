/** Digits of pi from start to end. Leader. */
import { sumSeries, termCount } from './chudnovsky';
import { convertFraction, fractionWords, treeDigits } from './decimal';
import { DIGITS_ADDRESS, DOUBTFUL_DIGITS, FRACTION_ADDRESS, FRACTION_WORDS, PHASE } from './memory-map';
import { newRange, Range } from './merge';
import { Natural, newNatural, setNatural } from './natural';
import { divide, inverseRootOf10005 } from './newton';
import { multiply, productRoom } from './product';
import { allocate, release } from './stack';
import { copyWords, multiplyByWord, shiftLeft, subtractWords, zeroWords } from './words';

/** Decimals that are computed beyond those asked for: they show whether a carry could still reach what is handed out. */
const GUARD_DIGITS: usize = 20;
const GUARD_WORDS: usize = 2;
const FEWEST_DIGITS: usize = 400;

export const PHASE_SPLITTING: i32 = 1;
export const PHASE_ROOT: i32 = 2;
export const PHASE_DIVISION: i32 = 3;
export const PHASE_CONVERSION: i32 = 4;
export const PHASE_DONE: i32 = 5;

function enter(phase: i32): void {
  atomic.store<i32>(PHASE, phase);
}

/** The quotient's numerator and denominator as numbers of n words, the denominator's top bit set. */
@unmanaged
class Quotient {
  numerator: Natural;
  denominator: Natural;
}

/** 426880 sqrt(10005) = 426880 * 10005 / sqrt(10005) */
const ROOT_FACTOR: u64 = 4270934400;

/** Q and T from the series, the root to n words: both sides of the quotient, scaled alike. */
function quotientOf(series: Range, root: Natural, n: usize): Quotient {
  const quotient = changetype<Quotient>(allocate(offsetof<Quotient>()));
  quotient.numerator = newNatural();
  quotient.denominator = newNatural();
  const q = series.q;
  const wide = q.count + 2;
  const denominator = allocate(wide << 3);
  store<u64>(denominator + (q.count << 3), multiplyByWord(denominator, q.words, q.count, 13591409));
  store<u64>(denominator + ((q.count + 1) << 3), 0);
  const t = allocate(wide << 3);
  zeroWords(t, wide);
  copyWords(t, series.t.words, series.t.count);
  subtractWords(denominator, denominator, t, wide);
  setNatural(quotient.denominator, denominator, wide);

  const product = newNatural();
  multiply(product, allocate(productRoom(q.count + n) << 3), q, root);
  const scaled = product.words;
  store<u64>(scaled + (product.count << 3), multiplyByWord(scaled, scaled, product.count, ROOT_FACTOR));
  // The root stands n words behind the point.
  setNatural(quotient.numerator, scaled + (n << 3), product.count + 1 - n);
  alignQuotient(quotient, n);
  return quotient;
}

/** Shifts both sides until the denominator has n words and its top bit set; what falls off the numerator's low end is below a unit. */
function alignQuotient(quotient: Quotient, n: usize): void {
  const denominator = quotient.denominator;
  const up = denominator.count < n ? n - denominator.count : 0;
  const down = denominator.count > n ? denominator.count - n : 0;
  const bits = clz(load<u64>(denominator.words + ((denominator.count - 1) << 3)));
  alignNumber(denominator, up, down, bits, n);
  alignNumber(quotient.numerator, up, down, bits, n + 1);
}

function alignNumber(number: Natural, up: usize, down: usize, bits: u64, n: usize): void {
  const words = allocate((max(number.count, n) + up + 2) << 3);
  zeroWords(words, max(number.count, n) + up + 2);
  store<u64>(
    words + ((number.count + up) << 3),
    shiftLeft(words + (up << 3), number.words, number.count, bits, 0),
  );
  setNatural(number, words + (down << 3), n);
}

/** The computation that goes on: decimals asked for, decimals computed, and what the steps leave to each other. */
let asked: usize = 0;
let wanted: usize = 0;
let fractionAddress: usize = 0;
let fractionCount: usize = 0;
let series: Range = changetype<Range>(<usize>0);

/** Begins a computation of `digits` decimals behind the point: makes room for the fraction. */
export function openPi(digits: usize): void {
  asked = max(digits, FEWEST_DIGITS);
  wanted = asked + GUARD_DIGITS;
  fractionCount = fractionWords(wanted) + GUARD_WORDS;
  fractionAddress = allocate(fractionCount << 3);
  store<u64>(FRACTION_ADDRESS, <u64>fractionAddress);
  store<u64>(FRACTION_WORDS, <u64>fractionCount);
}

/** First step: Q and T of the series. */
export function computeSeries(): void {
  enter(PHASE_SPLITTING);
  series = sumSeries(termCount(<f64>(wanted + 20)), fractionCount + 1);
}

/** Instead of the first step: room for Q and T from an earlier run, which JavaScript fills in. */
export function openSeries(wordsQ: usize, wordsT: usize): void {
  series = newRange();
  series.q.words = allocate(wordsQ << 3);
  series.q.count = wordsQ;
  series.t.words = allocate(wordsT << 3);
  series.t.count = wordsT;
}

export function seriesAddress(ofT: usize): usize {
  return ofT !== 0 ? series.t.words : series.q.words;
}

export function seriesWords(ofT: usize): usize {
  return ofT !== 0 ? series.t.count : series.q.count;
}

/** Second step: pi - 3 as a fraction, at most a few units of its last word too small. The series is gone afterwards. */
export function computeFraction(): void {
  const n = fractionCount;
  enter(PHASE_ROOT);
  setNatural(series.q, series.q.words, series.q.count);
  setNatural(series.t, series.t.words, series.t.count);
  const root = newNatural();
  const words = allocate(n << 3);
  inverseRootOf10005(words, n);
  setNatural(root, words, n);
  enter(PHASE_DIVISION);
  const quotient = quotientOf(series, root, n);
  const pi = allocate((n + 1) << 3);
  divide(pi, n, quotient.numerator, quotient.denominator);
  if (load<u64>(pi + (n << 3)) !== 3) unreachable();
  copyWords(fractionAddress, pi, n);
  release(fractionAddress);
  allocate(n << 3);
}

/**
 * Third step: leaves the ASCII of 3 and the decimals at DIGITS_ADDRESS. Returns 0 when they are certain, 1 when a run of nines or the
 * watch of the conversion leaves a doubt (to be done again with more digits).
 */
export function writeDecimals(): usize {
  // The tree's fraction is the top of pi's, zeros behind it where the tree has more digits than are wanted.
  const tree = treeDigits(wanted);
  const words = fractionWords(tree);
  const fraction = allocate(words << 3);
  const shared = min(words, fractionCount);
  zeroWords(fraction, words - shared);
  copyWords(fraction + ((words - shared) << 3), fractionAddress + ((fractionCount - shared) << 3), shared);
  // The 3 stands right before the decimals.
  const text = allocate(tree + 64) + 64;
  store<u8>(text - 1, 51);
  enter(PHASE_CONVERSION);
  atomic.store<i32>(DOUBTFUL_DIGITS, 0);
  convertFraction(text, fraction, wanted);
  store<u64>(DIGITS_ADDRESS, <u64>text - 1);
  enter(PHASE_DONE);
  return atomic.load<i32>(DOUBTFUL_DIGITS) !== 0 || onlyNines(text + asked) ? 1 : 0;
}

/** Whether the guard digits but the last two are nines: the error could then carry into the digits before. */
function onlyNines(text: usize): bool {
  for (let i: usize = 0; i < GUARD_DIGITS - 2; i++) {
    if (load<u8>(text + i) !== 57) return false;
  }
  return true;
}
