/**
 * The lowest sums of the series, of some terms each, four side by side (see lanes.ts). T is summed over terms from which nothing is
 * stripped but from the first: the weights of so few terms would make it no shorter (see weights.ts). P and Q are products of what is
 * left of the factors.
 */
import { LANES, Lanes, laneWords, multiplyLanes, newLanes, setLanes, sumProducts, takeLanes } from './lanes';
import { newRange, Range } from './merge';
import { Natural, setNatural } from './natural';
import { finish } from './product';
import { multiplyResidues, reduceWord } from './residue';
import { allocate, release, stackTop } from './stack';
import { Term, termAt } from './stripped-terms';

/** Terms of a leaf: a power of two. */
export const LEAF_TERMS: u32 = 32;
/** Leaves that are summed side by side. */
export const GROUP_LEAVES: u32 = <u32>LANES;
/** Digits of Q or T, and of P, for each term at most, k below 6 * 10^8, where p(k) has a factor of 62 bits; words likewise. */
const TERM_DIGITS: usize = 6;
const TERM_DIGITS_P: usize = 4;
const TERM_WORDS: usize = 3;
const SPARE: usize = 8;
/** k^3 stays within 62 bits up to here. */
const LAST_WORD_CUBE: u64 = 1664510;

/** Words side by side, one of each leaf: what T is made of in one term. `cubed` is k^3, or k^2 where that is too long for a word. */
const ROW: usize = LANES << 3;
const FIRST: usize = 0;
const SECOND: usize = ROW;
const CUBED: usize = 2 * ROW;
const CONSTANT: usize = 3 * ROW;
const WEIGHT: usize = 4 * ROW;
const K: usize = 5 * ROW;
const TERM_ROWS: usize = 6 * ROW;

/** Pointers to the ranges of a group of leaves, of which `count` terms are there. */
export function leafGroup(terms: usize, from: u64, count: usize): usize {
  const ranges = allocate(LANES * sizeof<usize>());
  const room = (TERM_WORDS * LEAF_TERMS + SPARE) << 3;
  for (let lane: usize = 0; lane < LANES; lane++) {
    const range = newRange();
    range.t.words = allocate(3 * room);
    range.q.words = range.t.words + room;
    range.p.words = range.q.words + room;
    store<usize>(ranges + lane * sizeof<usize>(), changetype<usize>(range));
  }
  const mark = stackTop();
  const none = newLanes(0);
  const t = newLanes(LEAF_TERMS * TERM_DIGITS + SPARE);
  const areCubed = from + <u64>count <= LAST_WORD_CUBE;
  sumTerms(fillRows(terms, from, count, areCubed), LEAF_TERMS, areCubed, t, none, none, none);
  takeNumbers(ranges, offsetof<Range>('t'), t);
  for (let lane: usize = 0; lane < LANES; lane++) {
    const number = load<Range>(ranges + lane * sizeof<usize>()).t;
    setNatural(number, number.words, number.count);
  }
  takeProducts(ranges, offsetof<Range>('q'), terms, count, true, none);
  takeProducts(ranges, offsetof<Range>('p'), terms, count, false, none);
  release(mark);
  return ranges;
}

/** Puts four numbers into the ranges' field. */
function takeNumbers(ranges: usize, field: usize, lanes: Lanes): void {
  for (let lane: usize = 0; lane < LANES; lane += 2) {
    const first = load<Natural>(load<usize>(ranges + lane * sizeof<usize>()) + field);
    const second = load<Natural>(load<usize>(ranges + (lane + 1) * sizeof<usize>()) + field);
    takeLanes(lanes, lane, first.words, second.words);
    first.count = laneWords(lanes.count);
    second.count = first.count;
  }
}

/** The rows of all terms. Every other a(k) is negative. A term that is not there has a(k) = 0, and all else is 1: it adds nothing. */
function fillRows(terms: usize, from: u64, count: usize, areCubed: bool): usize {
  const rows = allocate(LEAF_TERMS * TERM_ROWS);
  for (let at: usize = 0; at < LANES * LEAF_TERMS; at++) {
    const row = rows + (at % LEAF_TERMS) * TERM_ROWS + ((at / LEAF_TERMS) << 3);
    const isThere = at < count;
    const term = termAt(terms, at);
    const k = isThere ? from + <u64>at : 1;
    const weight = isThere ? <i64>(13591409 + 545140134 * k) : 0;
    store<u64>(row, isThere ? term.first : 1, FIRST);
    store<u64>(row, isThere ? term.second : 1, SECOND);
    store<u64>(row, areCubed ? k * k * k : k * k, CUBED);
    store<u64>(row, isThere ? term.constant : 1, CONSTANT);
    store<i64>(row, (at & 1) === 0 ? weight : -weight, WEIGHT);
    store<u64>(row, k, K);
  }
  return rows;
}

/** T of `count` terms of each leaf before they are stripped, and P and Q where there is room for them. */
function sumTerms(
  rows: usize,
  count: usize,
  areCubed: bool,
  t: Lanes,
  q: Lanes,
  p: Lanes,
  none: Lanes,
): void {
  const mark = stackTop();
  const half = count >> 1;
  const q1 = q === none ? none : newLanes(half * TERM_DIGITS + SPARE);
  const q2 = newLanes(half * TERM_DIGITS + SPARE);
  const p1 = newLanes(half * TERM_DIGITS_P + SPARE);
  const p2 = p === none && half > 1 ? none : newLanes(half * TERM_DIGITS_P + SPARE);
  const t1 = newLanes(half * TERM_DIGITS + SPARE);
  const t2 = newLanes(half * TERM_DIGITS + SPARE);
  const next = rows + half * TERM_ROWS;
  if (half === 1) {
    multiplyLanes(p1, rows + FIRST, rows + SECOND);
    multiplyLanes(p2, next + FIRST, next + SECOND);
    if (q !== none) multiplyQ(q1, rows, areCubed, none);
    multiplyQ(q2, next, areCubed, none);
    // T = p1 (a1 q2 + a2 p2)
    setLanes(t1, rows + WEIGHT);
    setLanes(t2, next + WEIGHT);
    const sum = newLanes(2 * SPARE);
    sumProducts(sum, t1, q2, t2, p2);
    sumProducts(t, p1, sum, none, none);
  } else {
    sumTerms(rows, half, areCubed, t1, q1, p1, none);
    sumTerms(next, half, areCubed, t2, q2, p2, none);
    sumProducts(t, t1, q2, p1, t2);
  }
  if (q !== none) sumProducts(q, q1, q2, none, none);
  if (p !== none) sumProducts(p, p1, p2, none, none);
  release(mark);
}

/** k^3 and the constant of one term of each leaf. */
function multiplyQ(q: Lanes, rows: usize, areCubed: bool, none: Lanes): void {
  if (areCubed) {
    multiplyLanes(q, rows + CUBED, rows + CONSTANT);
    return;
  }
  const mark = stackTop();
  const square = newLanes(SPARE);
  const k = newLanes(SPARE);
  multiplyLanes(square, rows + CUBED, rows + CONSTANT);
  setLanes(k, rows + K);
  sumProducts(q, k, square, none, none);
  release(mark);
}

/** Words, a row apart, whose product grows. */
@unmanaged
class Gathered {
  at: usize;
  word: u64;
}

/** Q of the stripped terms of each leaf, or P, with the residues that they should have. */
function takeProducts(
  ranges: usize,
  field: usize,
  terms: usize,
  count: usize,
  wantQ: bool,
  none: Lanes,
): void {
  const most = LEAF_TERMS * 3 + 1;
  const words = allocate(most * ROW);
  const gathered = changetype<Gathered>(allocate(offsetof<Gathered>()));
  for (let at = words, end = words + most * ROW; at < end; at += 16) v128.store(at, i64x2.splat(1));
  let rows: usize = 0;
  for (let lane: usize = 0; lane < LANES; lane++) {
    gathered.at = words + (lane << 3);
    gathered.word = 1;
    const end = min(count, (lane + 1) * LEAF_TERMS);
    for (let index = lane * LEAF_TERMS; index < end; index++)
      gatherTerm(gathered, termAt(terms, index), wantQ);
    store<u64>(gathered.at, gathered.word);
    rows = max(rows, (gathered.at - words) / ROW + 1);
  }
  takeNumbers(ranges, field, productOf(words, rows, none));
  for (let lane: usize = 0; lane < LANES; lane++) {
    const number = load<Natural>(load<usize>(ranges + lane * sizeof<usize>()) + field);
    let residue: u64 = 1;
    for (let at = words + (lane << 3), end = at + rows * ROW; at < end; at += ROW) {
      residue = multiplyResidues(residue, reduceWord(load<u64>(at)));
    }
    finish(number, number.words, number.count, residue);
  }
}

function gatherTerm(gathered: Gathered, term: Term, wantQ: bool): void {
  if (!wantQ) {
    gather(gathered, term.strippedFirst);
    gather(gathered, term.strippedSecond);
    return;
  }
  const k = term.strippedK;
  if (k <= LAST_WORD_CUBE) {
    gather(gathered, k * k * k);
  } else {
    gather(gathered, k * k);
    gather(gathered, k);
  }
  gather(gathered, term.constant);
}

/** Words have 62 bits at most. */
function gather(gathered: Gathered, factor: u64): void {
  if (clz(gathered.word) + clz(factor) >= 66) {
    gathered.word *= factor;
    return;
  }
  store<u64>(gathered.at, gathered.word);
  gathered.at += ROW;
  gathered.word = factor;
}

/** The product of `count` words of each leaf. */
function productOf(words: usize, count: usize, none: Lanes): Lanes {
  const result = newLanes(count * 3 + SPARE);
  if (count === 1) {
    setLanes(result, words);
    return result;
  }
  if (count === 2) {
    multiplyLanes(result, words, words + ROW);
    return result;
  }
  const mark = stackTop();
  // An even number of words to the left.
  const half = ((count + 1) >> 2) << 1;
  const low = productOf(words, half, none);
  const high = productOf(words + half * ROW, count - half, none);
  sumProducts(result, low, high, none, none);
  release(mark);
  return result;
}
