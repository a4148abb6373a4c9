/**
 * The lowest sums of the series, of some terms each. T is summed over terms from which nothing is stripped but from the first: the weights
 * of so few terms would make it no shorter (see weights.ts). P and Q are products of what is left of the factors.
 */
import { newRange, Range, sealRange, sumSmall } from './merge';
import { Natural } from './natural';
import { multiply, productRoom } from './product';
import { allocate, release, stackTop } from './stack';
import { TERM_BYTES, termAt } from './stripped-terms';
import { addProductByWord, copyWords, multiplyByWord, subtractProductByWord } from './words';

export const LEAF_TERMS: u32 = 16;
/** Up to so many terms are summed word by word. */
const PLAIN_TERMS: usize = 8;
/** Words of any number in a leaf. */
const LEAF_WORDS: usize = 64;
/** k^3 fits a word up to here. */
const LAST_WORD_CUBE: u64 = 2642245;

/** Of terms [from, from + count), at most a leaf. */
export function leafRange(terms: usize, from: u64, count: usize): Range {
  const range = newRange();
  unit(range.t, 0);
  unit(range.q, 1);
  unit(range.p, 1);
  const mark = stackTop();
  const plain = plainRange(terms, from, count, false, false);
  copyWords(range.t.words, plain.t.words, plain.t.count);
  range.t.count = plain.t.count;
  release(mark);
  let gatheredP: u64 = 1;
  let gatheredQ: u64 = 1;
  for (let index: usize = 0; index < count; index++) {
    const term = termAt(terms, index);
    gatheredP = gather(range.p, gatheredP, term.strippedFirst);
    gatheredP = gather(range.p, gatheredP, term.strippedSecond);
    gatheredQ = gatherCube(range.q, gatheredQ, term.strippedK);
    gatheredQ = gather(range.q, gatheredQ, term.constant);
  }
  scale(range.p, gatheredP);
  scale(range.q, gatheredQ);
  sealRange(range);
  return range;
}

/** T of these terms before they are stripped, and P and Q where they are wanted. */
function plainRange(terms: usize, from: u64, count: usize, wantP: bool, wantQ: bool): Range {
  if (count <= PLAIN_TERMS) return plainTerms(terms, from, count, wantQ);
  // An even number of terms to the left.
  const split = (count >> 2) << 1;
  const result = newRange();
  const left = plainRange(terms, from, split, true, wantQ);
  const right = plainRange(terms + split * TERM_BYTES, from + <u64>split, count - split, wantP, true);
  const words = max(left.t.count + right.q.count, left.p.count + right.t.count) + 1;
  sumSmall(result.t, allocate(productRoom(words) << 3), left.t, right.q, left.p, right.t);
  if (wantP) multiply(result.p, allocate(productRoom(left.p.count + right.p.count) << 3), left.p, right.p);
  if (wantQ) multiply(result.q, allocate(productRoom(left.q.count + right.q.count) << 3), left.q, right.q);
  return result;
}

/** The same one term after the other: appending term k gives P' = P p, Q' = Q q, T' = T q +- a P'. */
function plainTerms(terms: usize, from: u64, count: usize, wantQ: bool): Range {
  const range = newRange();
  unit(range.t, 0);
  unit(range.q, 1);
  unit(range.p, 1);
  let gathered: u64 = 1;
  for (let index: usize = 0; index < count; index++) {
    const term = termAt(terms, index);
    const k = from + <u64>index;
    scale(range.p, gather(range.p, term.first, term.second));
    if (index > 0) {
      scale(range.t, gatherCube(range.t, 1, k));
      scale(range.t, term.constant);
    }
    addScaled(range.t, range.p, 13591409 + 545140134 * k, (index & 1) !== 0);
    if (!wantQ) continue;
    gathered = gatherCube(range.q, gathered, k);
    gathered = gather(range.q, gathered, term.constant);
  }
  scale(range.q, gathered);
  sealRange(range);
  return range;
}

function unit(number: Natural, value: u64): void {
  number.words = allocate(LEAF_WORDS << 3);
  number.count = value === 0 ? 0 : 1;
  store<u64>(number.words, value);
}

function scale(number: Natural, factor: u64): void {
  const carry = multiplyByWord(number.words, number.words, number.count, factor);
  if (carry === 0) return;
  store<u64>(number.words + (number.count << 3), carry);
  number.count++;
}

/** Gathers a factor in a word, which the number is multiplied by when it is full; returns what is in the word then. */
function gather(number: Natural, gathered: u64, factor: u64): u64 {
  if (clz(gathered) + clz(factor) >= 64) return gathered * factor;
  scale(number, gathered);
  return factor;
}

function gatherCube(number: Natural, gathered: u64, k: u64): u64 {
  if (k <= LAST_WORD_CUBE) return gather(number, gathered, k * k * k);
  return gather(number, gather(number, gathered, k * k), k);
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
