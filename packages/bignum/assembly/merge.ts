/**
 * The merge of two neighbouring ranges of a hypergeometric series:
 *
 *     P = P1 P2      Q = Q1 Q2      T = T1 Q2 + P1 T2
 *
 * In the transform domain the sum costs no transform: T takes four forward and one inverse, Q one and one more since Q2 is there
 * already. P is about half as long and goes its own way.
 */
import { copyNatural, Natural, newNatural, setNatural, withoutLow } from './natural';
import { choosePlan, NOISE_SUM } from './plan';
import {
  allocateCut,
  allocateVectors,
  attempt,
  finish,
  multiply,
  NO_LIMIT,
  newTask,
  nextLimit,
  ProductTask,
  productRoom,
  SMALL_TOTAL_WORDS,
  setOperandA,
  setOperandB,
} from './product';
import { addResidues, multiplyResidues, residueOfPowerOfTwo, residueOfWords } from './residue';
import { allocateColumns, convolve, cutSmall, packColumns, smallDigits } from './small-product';
import { allocate, release, stackTop } from './stack';
import { PRODUCT, PRODUCT_SUM } from './transform';
import { addCarry, addWords, copyWords, zeroWords } from './words';

/** The sums of a range; all three divided by 2^(64 exponent), rounded down, once they are longer than the precision asks for. */
@unmanaged
export class Range {
  p: Natural;
  q: Natural;
  t: Natural;
  exponent: usize;
}

export function newRange(): Range {
  const range = changetype<Range>(allocate(offsetof<Range>()));
  range.p = changetype<Natural>(allocate(offsetof<Natural>()));
  range.q = changetype<Natural>(allocate(offsetof<Natural>()));
  range.t = changetype<Natural>(allocate(offsetof<Natural>()));
  range.exponent = 0;
  return range;
}

/** Where the results go: `mergeRoom` bytes in all, T first, then Q, then P; scratch memory comes from the stack. */
export function mergeRoom(left: Range, right: Range, p: Natural): usize {
  return (roomT(left, right, p) + roomQ(left, right) + productRoom(left.p.count + right.p.count)) << 3;
}

function wordsT(left: Range, right: Range, p: Natural): usize {
  return sumWords(left.t, right.q, p, right.t);
}

function roomT(left: Range, right: Range, p: Natural): usize {
  return productRoom(wordsT(left, right, p));
}

function roomQ(left: Range, right: Range): usize {
  return productRoom(left.q.count + right.q.count);
}

/** A precision that cuts nothing. */
export const UNLIMITED: usize = 0;
/** From this precision on, in words, the last merges spare memory at the cost of two transforms. */
const SPARING_WORDS: usize = 1 << 20;

function isSparing(left: Range, right: Range, precision: usize): bool {
  return precision > SPARING_WORDS && wordsT(left, right, left.p) > precision - (precision >> 2);
}

/**
 * result = left merged with right, T = T1 Q2 + p T2; P is left out (empty) unless asked for. The caller will cut Q to `precision` words.
 */
export function mergeRanges(
  result: Range,
  room: usize,
  left: Range,
  right: Range,
  p: Natural,
  wantP: bool,
  precision: usize,
): void {
  const dstQ = room + (roomT(left, right, p) << 3);
  const dstP = dstQ + (roomQ(left, right) << 3);
  result.exponent = left.exponent + right.exponent;
  if (wordsT(left, right, p) <= SMALL_TOTAL_WORDS) {
    sumSmall(result.t, room, left.t, right.q, p, right.t);
    multiply(result.q, dstQ, left.q, right.q);
    multiply(result.p, dstP, left.p, right.p);
    return;
  }
  if (isSparing(left, right, precision)) mergeSparing(result, room, dstQ, left, right, precision);
  else sumInDomain(result, room, dstQ, left, right, p);
  if (wantP) multiply(result.p, dstP, left.p, right.p);
  else finish(result.p, dstP, 0, 0);
}

function sumWords(a: Natural, b: Natural, c: Natural, d: Natural): usize {
  return max(a.count + b.count, c.count + d.count) + 1;
}

/** result = a b + c d in columns. */
export function sumSmall(result: Natural, dst: usize, a: Natural, b: Natural, c: Natural, d: Natural): void {
  const mark = stackTop();
  const words = sumWords(a, b, c, d);
  const columns = allocateColumns(words);
  // The longer product first: its columns cover those of the other.
  const swapped = c.count + d.count > a.count + b.count;
  convolveNaturals(columns, swapped ? c : a, swapped ? d : b, false);
  convolveNaturals(columns, swapped ? a : c, swapped ? b : d, true);
  const first = multiplyResidues(a.residue, b.residue);
  takeColumns(result, dst, words, columns, addResidues(first, multiplyResidues(c.residue, d.residue)));
  release(mark);
}

function convolveNaturals(columns: usize, a: Natural, b: Natural, add: bool): void {
  const digitsA = cutSmall(a.words, a.count);
  const digitsB = cutSmall(b.words, b.count);
  convolve(columns, digitsA, smallDigits(a.count), digitsB, smallDigits(b.count), add);
}

function takeColumns(result: Natural, dst: usize, words: usize, columns: usize, residue: u64): void {
  packColumns(dst, words, columns);
  finish(result, dst, words, residue);
}

function sumInDomain(result: Range, dstT: usize, dstQ: usize, left: Range, right: Range, p: Natural): void {
  const t = left.t.residue;
  const expectedT = addResidues(
    multiplyResidues(t, right.q.residue),
    multiplyResidues(p.residue, right.t.residue),
  );
  const expectedQ = multiplyResidues(left.q.residue, right.q.residue);
  const words = sumWords(left.t, right.q, p, right.t);
  const wordsQ = left.q.count + right.q.count;
  let limit = NO_LIMIT;
  for (let repetition: u32 = 0; ; repetition++) {
    const mark = stackTop();
    const task = newTask();
    const leftWords = max(max(left.t.count, p.count), left.q.count);
    choosePlan(task.plan, leftWords, max(right.q.count, right.t.count), NOISE_SUM, limit);
    task.vectorsA = allocateVectors(task.plan);
    task.vectorsB = allocateVectors(task.plan);
    task.vectorsC = allocateVectors(task.plan);
    task.vectorsD = allocateVectors(task.plan);
    task.digits = task.vectorsC;
    task.operation = PRODUCT_SUM;
    setOperandA(task, left.t);
    setOperandB(task, right.q);
    task.sourceC = p.words;
    task.wordsC = p.count;
    task.sourceD = right.t.words;
    task.wordsD = right.t.count;
    task.cutA = allocateCut(task.plan, leftWords);
    task.cutB = allocateCut(task.plan, right.q.count);
    task.cutC = allocateCut(task.plan, p.count);
    task.cutD = allocateCut(task.plan, right.t.count);
    task.dst = dstT;
    task.words = words;
    const good = attempt(task, expectedT) && attemptQ(task, left.q, dstQ, wordsQ, expectedQ);
    if (!good) limit = nextLimit(task.plan, repetition);
    release(mark);
    if (good) break;
  }
  finish(result.t, dstT, words, expectedT);
  finish(result.q, dstQ, wordsQ, expectedQ);
}

/**
 * Q and T by one product after the other, so that two transforms lie in memory instead of four. P1 T2 is as much smaller than T1 Q2 as
 * the left range has digits: of its factors only the words are multiplied that reach what is kept.
 */
function mergeSparing(
  result: Range,
  dstT: usize,
  dstQ: usize,
  left: Range,
  right: Range,
  precision: usize,
): void {
  multiply(result.q, dstQ, left.q, right.q);
  const mark = stackTop();
  const first = newNatural();
  multiply(first, dstT, left.t, right.q);
  // Two words less than what the caller will drop at least.
  const whole = left.q.count + right.q.count;
  const cut = whole > precision + 3 ? whole - precision - 3 : 0;
  const p = withoutLow(left.p, cut > right.t.count ? cut - right.t.count : 0);
  const t = withoutLow(right.t, cut > left.p.count ? cut - left.p.count : 0);
  const shift = left.p.count - p.count + right.t.count - t.count;
  const second = newNatural();
  multiply(second, allocate(productRoom(p.count + t.count) << 3), p, t);
  const words = wordsT(left, right, left.p);
  zeroWords(dstT + (first.count << 3), words - first.count);
  const at = dstT + (shift << 3);
  const carry = addWords(at, at, second.words, second.count);
  addCarry(at + (second.count << 3), words - shift - second.count, carry);
  const shifted = multiplyResidues(second.residue, residueOfPowerOfTwo((<u64>shift) << 6));
  const expected = addResidues(first.residue, shifted);
  if (residueOfWords(dstT, words) !== expected) unreachable();
  finish(result.t, dstT, words, expected);
  release(mark);
}

/** After T: Q1 Q2, with the transform of Q2 that is left in buffer b. */
function attemptQ(task: ProductTask, q: Natural, dst: usize, words: usize, expected: u64): bool {
  task.operation = PRODUCT;
  task.ready = 2;
  setOperandA(task, q);
  task.vectorsC = 0;
  task.vectorsD = 0;
  task.dst = dst;
  task.words = words;
  return attempt(task, expected);
}

function dropWords(number: Natural, words: usize): void {
  const dropped = min(words, number.count);
  setNatural(number, number.words + (dropped << 3), number.count - dropped);
}

/** Cuts a range to `precision` words of Q. */
export function truncateRange(range: Range, precision: usize): void {
  if (range.q.count <= precision) return;
  const words = range.q.count - precision;
  dropWords(range.p, words);
  dropWords(range.q, words);
  dropWords(range.t, words);
  range.exponent += words;
}

/** Makes `target` the same range as `source`, sharing its numbers. */
export function copyRange(target: Range, source: Range): void {
  copyNatural(target.p, source.p);
  copyNatural(target.q, source.q);
  copyNatural(target.t, source.t);
  target.exponent = source.exponent;
}

/** After its words were filled in from elsewhere. */
export function sealRange(range: Range): void {
  setNatural(range.p, range.p.words, range.p.count);
  setNatural(range.q, range.q.words, range.q.count);
  setNatural(range.t, range.t.words, range.t.count);
}

/** Where the last of the numbers ends. */
export function rangeEnd(range: Range): usize {
  const p = range.p.words + (range.p.count << 3);
  const q = range.q.words + (range.q.count << 3);
  const t = range.t.words + (range.t.count << 3);
  return max(p, max(q, t));
}

/** Copies a range's numbers to `place` (which may overlap them from below), P last; returns the end. */
export function moveRange(range: Range, place: usize): usize {
  place = moveNatural(range.t, place);
  place = moveNatural(range.q, place);
  return moveNatural(range.p, place);
}

function moveNatural(number: Natural, place: usize): usize {
  copyWords(place, number.words, number.count);
  number.words = place;
  return place + (number.count << 3);
}

/** Moves a range to `mark`, behind which it is then all that is on the stack. */
export function settleRange(range: Range, mark: usize): Range {
  const end = moveRange(range, mark);
  release(mark);
  allocate(end - mark);
  return range;
}
