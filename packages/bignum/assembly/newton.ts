/**
 * Roots and quotients by Newton's iteration on numbers of n words, B = 2^64. Every value is rounded down and every correction is at
 * most the true one, so that residuals never get negative; each step takes m good words to n <= 2m - 1.
 */
import { differenceOf, differenceWithFactor } from './difference';
import { KeptFactor, multiplyByFactor, newKeptFactor, transformFactor } from './kept-factor';
import { Natural, newNatural, setNatural, withoutLow } from './natural';
import { chooseWrappedPlan, NOISE_PRODUCT } from './plan';
import { multiply, NO_LIMIT, productRoom, SMALL_TOTAL_WORDS } from './product';
import { allocate, release, stackTop } from './stack';
import {
  addCarry,
  addWords,
  compareWords,
  copyWords,
  extractWords,
  multiplyByWord,
  zeroWords,
} from './words';

/** Words at which the iterations begin, computed bit by bit. */
const FIRST_WORDS: usize = 3;

/** The precision before the last step to n words. */
function previousWords(n: usize): usize {
  return max(FIRST_WORDS, (n >> 1) + 1);
}

/** 2m - n - reserve, or 0: words of m good ones that a step to n words can do without. */
function spareWords(m: usize, n: usize, reserve: usize): usize {
  return m + m > n + reserve ? m + m - n - reserve : 0;
}

function product(a: Natural, b: Natural): Natural {
  const result = newNatural();
  multiply(result, allocate(productRoom(a.count + b.count) << 3), a, b);
  return result;
}

/** dst (n + 1 words) = value B^(n - m) + floor(correction / B^shift), where value has m + 1 words. With `halve`, half of the latter. */
function addCorrection(
  dst: usize,
  n: usize,
  value: Natural,
  m: usize,
  correction: Natural,
  shift: usize,
  halve: bool,
): void {
  zeroWords(dst, n + 1);
  copyWords(dst + ((n - m) << 3), value.words, min(value.count, m + 1));
  if (correction.count <= shift) return;
  let count = correction.count - shift;
  let words = correction.words + (shift << 3);
  if (halve) {
    store<u64>(words + (count << 3), 0);
    const half = allocate(count << 3);
    extractWords(half, words, 1, count);
    words = half;
  }
  count = min(count, n + 1);
  const carry = addWords(dst, dst, words, count);
  addCarry(dst + (count << 3), n + 1 - count, carry);
}

function one(): Natural {
  const number = newNatural();
  const word = allocate(8);
  store<u64>(word, 1);
  setNatural(number, word, 1);
  return number;
}

/** The factor with its transform, for products of up to `words` words, where it is long enough for one. */
function keep(number: Natural, words: usize): KeptFactor {
  const factor = newKeptFactor(number);
  if (words <= SMALL_TOTAL_WORDS) return factor;
  chooseWrappedPlan(factor.plan, words, number.count, words, NOISE_PRODUCT, NO_LIMIT);
  transformFactor(factor);
  return factor;
}

function productWith(factor: KeptFactor, a: Natural): Natural {
  const result = newNatural();
  multiplyByFactor(result, allocate(productRoom(a.count + factor.number.count) << 3), a, factor);
  return result;
}

const RADICAND: u64 = 10005;

/** floor(B^n / sqrt(10005)) less a few units, n words. */
export function inverseRootOf10005(dst: usize, n: usize): void {
  const mark = stackTop();
  const x = newNatural();
  x.words = allocate((n + 2) << 3);
  rootBitByBit(x.words);
  setNatural(x, x.words, FIRST_WORDS);
  rootSteps(x, n);
  copyWords(dst, x.words, n);
  release(mark);
}

/** Three words, bit by bit: the largest x with 10005 x^2 < B^6. */
function rootBitByBit(dst: usize): void {
  const mark = stackTop();
  const square = allocate(16 << 3);
  const x = newNatural();
  const result = newNatural();
  zeroWords(dst, FIRST_WORDS);
  for (let bit = <i32>FIRST_WORDS * 64 - 1; bit >= 0; bit--) {
    const word = dst + ((<usize>bit >> 6) << 3);
    store<u64>(word, load<u64>(word) | ((<u64>1) << (bit & 63)));
    setNatural(x, dst, FIRST_WORDS);
    zeroWords(square, 16);
    multiply(result, square, x, x);
    if (multiplyByWord(square, square, FIRST_WORDS << 1, RADICAND) !== 0) {
      store<u64>(word, load<u64>(word) ^ ((<u64>1) << (bit & 63)));
    }
  }
  release(mark);
}

function rootSteps(x: Natural, n: usize): void {
  if (n <= FIRST_WORDS) return;
  const m = previousWords(n);
  rootSteps(x, m);
  rootStep(x, m, n);
}

/** e = B^2m - 10005 x^2;  x' = x B^(n-m) + x e / (2 B^(3m-n)) */
function rootStep(x: Natural, m: usize, n: usize): void {
  const mark = stackTop();
  const scaled = newNatural();
  const words = allocate((m + 1) << 3);
  store<u64>(words + (x.count << 3), multiplyByWord(words, x.words, x.count, RADICAND));
  setNatural(scaled, words, x.count + 1);
  const residual = differenceOf(one(), m + m, scaled, x, m + 2);
  const cut = spareWords(m, n, 1);
  const baseCut = spareWords(m, n, 2);
  const correction = product(withoutLow(x, baseCut), withoutLow(residual, cut));
  const dst = allocate((n + 2) << 3);
  addCorrection(dst, n, x, m, correction, m + m + m - n - cut - baseCut, true);
  copyWords(x.words, dst, n);
  setNatural(x, x.words, n);
  release(mark);
}

/** Words of the reciprocal that a quotient of n words takes: Karp and Markstein need it to half the precision only. */
export function reciprocalWords(n: usize): usize {
  return previousWords(n) + 1;
}

/**
 * floor(numerator B^n / divisor) less a few units, n + 1 words, for a divisor of exactly n words with its top bit set, a numerator of
 * n + 1 words, less than 4 times the divisor, and the divisor's reciprocal y to `reciprocalWords(n)` words.
 */
export function divide(dst: usize, n: usize, numerator: Natural, divisor: Natural, y: Natural): void {
  const mark = stackTop();
  const m = reciprocalWords(n);
  const reciprocal = keep(y, m + m + 4);
  const estimate = withoutLow(productWith(reciprocal, withoutLow(numerator, n - m)), m);
  // e = numerator B^m - divisor estimate
  const residual = differenceOf(numerator, m, divisor, estimate, n + 2);
  const cut = m - 1;
  const correction = productWith(reciprocal, withoutLow(residual, cut));
  addCorrection(dst, n, estimate, m, correction, m + m - cut, false);
  release(mark);
}

/** The n highest words of the divisor plus one: with it instead of the divisor reciprocals are too small, never too large. */
function roundedUp(divisor: Natural, n: usize): Natural {
  const result = newNatural();
  const words = allocate((n + 1) << 3);
  copyWords(words, divisor.words + ((divisor.count - n) << 3), n);
  store<u64>(words + (n << 3), 0);
  addCarry(words, n + 1, 1);
  setNatural(result, words, n + 1);
  return result;
}

/** y = about B^2n / divisor, n + 1 words at y.words; the divisor has n words or more, its top bit set. */
export function reciprocal(y: Natural, n: usize, divisor: Natural): void {
  if (n <= FIRST_WORDS) {
    reciprocalBitByBit(y, divisor);
    return;
  }
  const m = previousWords(n);
  reciprocal(y, m, divisor);
  reciprocalStep(y, m, n, divisor);
}

/** Three words, bit by bit: the largest y with y (d + 1) <= B^6. */
function reciprocalBitByBit(y: Natural, divisor: Natural): void {
  const mark = stackTop();
  const d = roundedUp(divisor, FIRST_WORDS);
  const total = allocate(16 << 3);
  const limit = allocate(16 << 3);
  const result = newNatural();
  zeroWords(limit, 16);
  store<u64>(limit + (FIRST_WORDS << 4), 1);
  zeroWords(y.words, FIRST_WORDS + 1);
  for (let bit = <i32>FIRST_WORDS * 64; bit >= 0; bit--) {
    const word = y.words + ((<usize>bit >> 6) << 3);
    store<u64>(word, load<u64>(word) | ((<u64>1) << (bit & 63)));
    const candidate = newNatural();
    setNatural(candidate, y.words, FIRST_WORDS + 1);
    zeroWords(total, 16);
    multiply(result, total, candidate, d);
    if (compareWords(total, limit, 16) > 0) store<u64>(word, load<u64>(word) ^ ((<u64>1) << (bit & 63)));
  }
  setNatural(y, y.words, FIRST_WORDS + 1);
  release(mark);
}

/** e = B^(n+m) - (d + 1) y;  y' = y B^(n-m) + y e / B^2m */
function reciprocalStep(y: Natural, m: usize, n: usize, divisor: Natural): void {
  const mark = stackTop();
  const factor = keep(y, n + 6);
  const residual = differenceWithFactor(one(), n + m, roundedUp(divisor, n), factor, n + 2);
  const cut = m - 1;
  const correction = productWith(factor, withoutLow(residual, cut));
  const dst = allocate((n + 2) << 3);
  addCorrection(dst, n, y, m, correction, m + m - cut, false);
  copyWords(y.words, dst, n + 1);
  setNatural(y, y.words, n + 1);
  release(mark);
}
