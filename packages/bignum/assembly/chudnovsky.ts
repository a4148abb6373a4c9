/**
 * Chudnovsky's series by binary splitting:
 *
 *     pi = 426880 sqrt(10005) Q / (13591409 Q - |T|)
 *     p(k) = (6k-5)(2k-1)(6k-1)   q(k) = k^3 640320^3/24   a(k) = 13591409 + 545140134 k
 *
 * over k = 1, 2, ...; each term gives 14.18 digits. Terms alternate in sign, so |T| = |T1| Q2 + |P1 T2| as long as the left range
 * has an even number of terms: every split is even, and no sign is ever stored.
 *
 * Here are the terms and the low subtrees, which one thread computes alone; the levels above them are in `series.ts`.
 */
import { divideCommonFactor, EXPONENT_BYTES, leafExponents } from './common-factors';
import {
  copyRange,
  mergeRanges,
  mergeRoom,
  moveRange,
  newRange,
  Range,
  truncateRange,
  UNLIMITED,
} from './merge';
import { Natural, setNatural } from './natural';
import { allocate, release, stackTop } from './stack';
import { addProductByWord, multiplyByWord, subtractProductByWord } from './words';

/** 640320^3 / 24 */
const C: u64 = 10939058860032000;
/** k^3 fits a word up to here. */
const LAST_WORD_CUBE: u64 = 2642245;
/** 72 k^3 fits a word up to here. */
const LAST_WORD_P: u64 = 635000;
const LEAF_TERMS: u64 = 8;
/** Subtrees of at most that many terms have common factors divided out; beyond, it would cost more than it saves. */
const FACTORED_TERMS: u64 = 320;
/** Words of any number in a leaf. */
const LEAF_WORDS: usize = 32;
const DIGITS_PER_TERM: f64 = 14.181647462725477;
/** P over k terms is shorter than Q by 47.11 k bits. */
const BITS_PER_TERM: u64 = 47;

export function termCount(digits: f64): u64 {
  return <u64>(digits / DIGITS_PER_TERM) + 2;
}

/** Upper estimate of the words of Q (and of T) over terms up to `last`. */
export function rangeWords(terms: u64, last: u64): usize {
  return <usize>((terms * (3 * (64 - clz(last)) + 54)) / 64) + 4;
}

function scale(number: Natural, factor: u64): void {
  const carry = multiplyByWord(number.words, number.words, number.count, factor);
  if (carry === 0) return;
  store<u64>(number.words + (number.count << 3), carry);
  number.count++;
}

function scaleByQ(number: Natural, k: u64): void {
  if (k <= LAST_WORD_CUBE) {
    scale(number, k * k * k);
    scale(number, C);
  } else {
    scale(number, k * k);
    scale(number, k);
    scale(number, C);
  }
}

function scaleByP(number: Natural, k: u64): void {
  const first = (6 * k - 5) * (2 * k - 1);
  if (k <= LAST_WORD_P) {
    scale(number, first * (6 * k - 1));
  } else {
    scale(number, first);
    scale(number, 6 * k - 1);
  }
}

/** t += or -= p factor; t is the longer and stays positive. */
function addScaled(t: Natural, p: Natural, factor: u64, negative: bool): void {
  // Room for the carry: t never shrinks below p and a word.
  while (t.count < p.count + 1) {
    store<u64>(t.words + (t.count << 3), 0);
    t.count++;
  }
  const rest = t.words + (p.count << 3);
  if (negative) {
    let borrow = subtractProductByWord(t.words, p.words, p.count, factor);
    for (let at = rest; borrow !== 0; at += 8) {
      const word = load<u64>(at);
      store<u64>(at, word - borrow);
      borrow = word < borrow ? 1 : 0;
    }
  } else {
    let carry = addProductByWord(t.words, p.words, p.count, factor);
    const end = t.words + (t.count << 3);
    for (let at = rest; carry !== 0 && at < end; at += 8) {
      const sum = load<u64>(at) + carry;
      store<u64>(at, sum);
      carry = sum < carry ? 1 : 0;
    }
    if (carry !== 0) {
      store<u64>(end, carry);
      t.count++;
    }
  }
}

function unit(number: Natural, value: u64): void {
  number.words = allocate(LEAF_WORDS << 3);
  number.count = value === 0 ? 0 : 1;
  store<u64>(number.words, value);
}

/** Terms [from, to) one after the other: appending term k gives P' = P p, Q' = Q q, T' = T q +- a P'. */
function leafRange(from: u64, to: u64): Range {
  const range = newRange();
  unit(range.t, 0);
  unit(range.q, 1);
  unit(range.p, 1);
  for (let k = from; k < to; k++) {
    scaleByP(range.p, k);
    scaleByQ(range.q, k);
    scaleByQ(range.t, k);
    addScaled(range.t, range.p, 13591409 + 545140134 * k, ((k - from) & 1) !== 0);
  }
  setNatural(range.t, range.t.words, range.t.count);
  setNatural(range.q, range.q.words, range.q.count);
  setNatural(range.p, range.p.words, range.p.count);
  return range;
}

/** Where to split [from, to): in the middle, after an even number of terms. */
function middle(from: u64, to: u64): u64 {
  return from + (((to - from) >> 2) << 1);
}

/**
 * Words of Q that a range needs which begins so many terms behind one that needs `words`. A sum depends on a range by its T / Q and
 * P / Q only, not on Q itself, and what stands before it, P / Q of those terms, makes it that much smaller.
 */
export function wordsBehind(words: usize, terms: u64): usize {
  return words - <usize>((terms * BITS_PER_TERM) >> 6);
}

/** Terms [from, to) by this thread alone, cut to `words` words of Q; the result is all that stays on its stack. */
export function soloRange(from: u64, to: u64, words: usize): Range {
  if (to - from <= FACTORED_TERMS) return factoredBlock(from, to);
  const result = newRange();
  const mark = stackTop();
  const split = middle(from, to);
  const left = soloRange(from, split, words);
  const right = soloRange(split, to, wordsBehind(words, split - from));
  mergeRanges(result, allocate(mergeRoom(left, right)), left, right, true, UNLIMITED);
  truncateRange(result, words);
  return settle(result, mark);
}

/** Moves a range to `mark`, behind which it is then all that is on the stack. */
function settle(range: Range, mark: usize): Range {
  const end = moveRange(range, mark);
  release(mark);
  allocate(end - mark);
  return range;
}

function factoredBlock(from: u64, to: u64): Range {
  const result = newRange();
  const mark = stackTop();
  const rows = leafExponents(from, to, LEAF_TERMS);
  copyRange(result, factoredRange(from, to, rows));
  return settle(result, mark);
}

/** The same with `rows` of exponents of its leaves; the first becomes the range's own. */
function factoredRange(from: u64, to: u64, rows: usize): Range {
  if (to - from <= LEAF_TERMS) return leafRange(from, to);
  const result = newRange();
  const mark = stackTop();
  // A whole number of leaves to the left.
  const leaves = ((to - from + LEAF_TERMS - 1) / LEAF_TERMS) >> 1;
  const split = from + leaves * LEAF_TERMS;
  const rightRows = rows + <usize>leaves * EXPONENT_BYTES;
  const left = factoredRange(from, split, rows);
  const right = factoredRange(split, to, rightRows);
  divideCommonFactor(left.p, right.q, rows, rightRows);
  mergeRanges(result, allocate(mergeRoom(left, right)), left, right, true, UNLIMITED);
  return settle(result, mark);
}
