/**
 * Products of natural numbers: small ones by the schoolbook, large ones by transforms, each of the latter checked and, on any doubt,
 * done again with smaller digits.
 */

import { MIN_DIGIT_BITS } from './carry-passes';
import { cutNumber, cutRoom, loadColumns, loadCut, storeColumns } from './edges';
import { addKnown, removeModulus } from './known';
import {
  FAULT_COUNTDOWN,
  LARGEST_ERROR,
  PRODUCTS,
  RANK_ERRORS,
  RANK_RESIDUES,
  REPEATS,
  WORK_DONE,
} from './memory-map';
import { Natural } from './natural';
import { choosePlan, digitCount, NOISE_PRODUCT, NOISE_SQUARE, Plan, partSize } from './plan';
import { packDigits, packedDigits, recombine } from './recombine';
import { addResidues, multiplyResidues, residueOfPowerOfTwo, residueOfWords } from './residue';
import { multiplyByFewWords, multiplySmall } from './small-product';
import { allocate, release, stackTop } from './stack';
import { TASK_PRODUCT } from './task-kinds';
import { barrier, fork, rank, ranks, shareStart, threadNumber } from './team';
import { Domain, FORWARD, firstPass, lastPass, PRODUCT, rowLength, runDomain, SQUARE } from './transform';
import { trimmed, zeroWords } from './words';

/** Up to this many words in both factors together the schoolbook is faster than transforms. */
export const SMALL_TOTAL_WORDS: usize = 128;
/** Up to this many words in the shorter factor, whatever the other, it is so too; up to few words, word by word. */
const SHORT_WORDS: usize = 32;
const FEW_WORDS: usize = 2;
/** Longer products cut their operands anew for each part: memory counts for more there. */
const MOST_CUT_DIGITS: usize = 1 << 20;
/** Columns of a strip: four rows of it, their digits beside them, stay in the first-level cache. */
const STRIP: usize = 256;
/** A rounding error from here on is a doubt. */
const DOUBTFUL_ERROR: f64 = 0.4;
export const NO_LIMIT: u32 = 64;
/** Zeros above the digits of a difference, for a whole word at least that shows its sign and what it has of the modulus. */
const SIGN_DIGITS: usize = 64;

/** Forms of the result: the product, a known number less the product, the product modulo the plan's one x^n + 1. */
export const WHOLE: i32 = 0;
export const SUBTRACTED: i32 = 1;
export const CYCLIC: i32 = 2;

/** One product or transform, as all ranks see it. `source`, `words` and `vectors` are by operand, zero where there is none. */
@unmanaged
export class ProductTask {
  operation: i32;
  ready: u32;
  plan: Plan;
  sourceA: usize;
  sourceB: usize;
  sourceC: usize;
  sourceD: usize;
  wordsA: usize;
  wordsB: usize;
  wordsC: usize;
  wordsD: usize;
  vectorsA: usize;
  vectorsB: usize;
  vectorsC: usize;
  vectorsD: usize;
  /** Digits of an operand, cut once for all parts; zero where each part cuts for itself. */
  cutA: usize;
  cutB: usize;
  cutC: usize;
  cutD: usize;
  /** Where the digits go between transform and carry; may be the place of an operand that is not needed any more. */
  digits: usize;
  dst: usize;
  /** Words of the result, those behind are written too (see productRoom). */
  words: usize;
  /** WHOLE, or what else becomes of the product modulo that of the plan. */
  form: i32;
  /** That number: words that stand `knownShift` digits, a multiple of 8, above the point. */
  known: usize;
  knownWords: usize;
  knownShift: usize;
}

function field(task: ProductTask, first: usize, index: usize): usize {
  return load<usize>(changetype<usize>(task) + first + index * sizeof<usize>());
}

export function newTask(): ProductTask {
  const task = allocate(offsetof<ProductTask>());
  memory.fill(task, 0, offsetof<ProductTask>());
  const plan = allocate(offsetof<Plan>());
  const typed = changetype<ProductTask>(task);
  typed.plan = changetype<Plan>(plan);
  return typed;
}

/** Words that a product's destination must have room for. */
export function productRoom(words: usize): usize {
  return words + 96 * ranks() + 16;
}

/** A buffer for one operand in the transform domain, or for the digits of a product. */
export function allocateVectors(plan: Plan): usize {
  return allocate((plan.total + SIGN_DIGITS + 256 * ranks()) << 3);
}

/** Room for the digits of an operand of up to so many words, or 0 where cutting them once is no gain. */
export function allocateCut(plan: Plan, words: usize): usize {
  if (plan.partCount === 1 || plan.total > MOST_CUT_DIGITS) return 0;
  return allocate(cutRoom(plan.part0, digitCount(words, plan.digitBits)) << 2);
}

/** Whether an operand still has to be transformed. */
function isPending(task: ProductTask, index: usize): bool {
  const vectors = field(task, offsetof<ProductTask>('vectorsA'), index);
  return vectors !== 0 && (task.ready & (1 << (<u32>index))) === 0;
}

function cutOperand(task: ProductTask, index: usize): void {
  const cut = field(task, offsetof<ProductTask>('cutA'), index);
  if (cut === 0 || !isPending(task, index)) return;
  const source = field(task, offsetof<ProductTask>('sourceA'), index);
  const words = field(task, offsetof<ProductTask>('wordsA'), index);
  const bits = task.plan.digitBits;
  cutNumber(cut, task.plan.part0, source, words, bits, digitCount(words, bits));
}

/**
 * This rank's columns of an operand's part, and the first pass over them: a strip of all rows at a time, which stays in the
 * first-level cache between.
 */
function loadOperand(task: ProductTask, index: usize, n: usize, offset: usize): void {
  if (!isPending(task, index)) return;
  const vectors = field(task, offsetof<ProductTask>('vectorsA'), index) + offset;
  const cut = field(task, offsetof<ProductTask>('cutA'), index);
  const source = field(task, offsetof<ProductTask>('sourceA'), index);
  const words = field(task, offsetof<ProductTask>('wordsA'), index);
  const bits = task.plan.digitBits;
  const digits = digitCount(words, bits);
  const length = rowLength(n >> 2);
  const share = shareStart(length, 16, rank() + 1);
  for (let from = shareStart(length, 16, rank()); from < share; from += STRIP) {
    const to = min(from + STRIP, share);
    for (let row: usize = 0; row < n >> 2; row += length) {
      if (cut !== 0) loadCut(vectors, n, row + from, row + to, cut, digits);
      else loadColumns(vectors, n, row + from, row + to, source, words, bits, digits);
    }
    firstPass(vectors, n >> 2, from, to);
  }
}

/** The way back: the last pass and the rounding. */
function storeResult(task: ProductTask, n: usize, offset: usize): void {
  const vectors = task.vectorsA + offset;
  const length = rowLength(n >> 2);
  const share = shareStart(length, 16, rank() + 1);
  for (let from = shareStart(length, 16, rank()); from < share; from += STRIP) {
    const to = min(from + STRIP, share);
    lastPass(vectors, n >> 2, from, to);
    for (let row: usize = 0; row < n >> 2; row += length) {
      storeColumns(task.digits + offset, vectors, n, row + from, row + to);
    }
  }
}

function place(vectors: usize, offset: usize): usize {
  return vectors === 0 ? 0 : vectors + offset;
}

function flipBitWhenAsked(vectors: usize): void {
  if (atomic.load<i64>(FAULT_COUNTDOWN) > 0 && atomic.sub<i64>(FAULT_COUNTDOWN, 1) === 1) {
    store<u64>(vectors, load<u64>(vectors) ^ ((<u64>1) << 51));
  }
}

/** The task of TASK_PRODUCT, on every rank. */
export function runProduct(task: ProductTask): void {
  const mark = stackTop();
  const plan = task.plan;
  const domain = changetype<Domain>(allocate(offsetof<Domain>()));
  domain.operation = task.operation;
  domain.ready = task.ready;
  domain.negative = task.form === SUBTRACTED ? 1 : 0;
  for (let index: usize = 0; index < 4; index++) cutOperand(task, index);
  if (task.cutA !== 0) barrier();
  let offset: usize = 0;
  for (let part: u32 = 0; part < plan.partCount; part++) {
    const n = partSize(plan, part);
    for (let index: usize = 0; index < 4; index++) loadOperand(task, index, n, offset);
    barrier();
    domain.a = task.vectorsA + offset;
    domain.b = place(task.vectorsB, offset);
    domain.c = place(task.vectorsC, offset);
    domain.d = place(task.vectorsD, offset);
    domain.vectors = n >> 2;
    runDomain(domain);
    if (task.operation !== FORWARD) {
      // At the end of a row: in the columns of the last rank, which always has some.
      if (rank() === ranks() - 1) flipBitWhenAsked(domain.a + ((rowLength(domain.vectors) - 1) << 5));
      storeResult(task, n, offset);
      if (task.form === SUBTRACTED) {
        // Its shares are columns of the whole part, not of the rows of the last pass.
        barrier();
        addKnown(task.digits + offset, n, task.known, task.knownWords, task.knownShift, plan.digitBits);
      }
      barrier();
    }
    offset += n << 3;
  }
  if (task.operation !== FORWARD) finishProduct(task);
  release(mark);
}

function finishProduct(task: ProductTask): void {
  const plan = task.plan;
  recombine(plan, task.digits);
  const wrapped = task.form !== WHOLE;
  const digits = wrapped ? plan.total + SIGN_DIGITS : min(plan.total, digitCount(task.words, plan.digitBits));
  const packed = packedDigits(digits);
  if (rank() === 0 && packed > plan.total) zeroWords(task.digits + (plan.total << 3), packed - plan.total);
  barrier();
  packDigits(task.dst, task.digits, digits, plan.digitBits);
  if (wrapped) {
    if (rank() === 0) removeModulus(task.dst, plan, task.form === SUBTRACTED);
    barrier();
  }
  const from = shareStart(task.words, 8, rank());
  const to = shareStart(task.words, 8, rank() + 1);
  const shift = residueOfPowerOfTwo(<u64>from * 64);
  const residue = multiplyResidues(residueOfWords(task.dst + (from << 3), to - from), shift);
  store<u64>(RANK_RESIDUES + (threadNumber() << 6), residue);
}

function slotOf(index: usize): usize {
  return ranks() === 1 ? threadNumber() << 6 : index << 6;
}

/** Transforms to do, times their length and its logarithm: about linear in time. */
function workOf(task: ProductTask): i64 {
  let transforms: i64 = task.operation === FORWARD ? 0 : 2;
  for (let index: usize = 0; index < 4; index++) {
    if (isPending(task, index)) transforms++;
  }
  const total = <u64>task.plan.total;
  return transforms * <i64>(total * (64 - clz(total)));
}

/** What this thread has done alone, or for all. */
let ownWork: i64 = 0;

/** Work of the transforms that this thread has counted: in a subtree its own, as the leader that of all threads together. */
export function workOfThread(): i64 {
  return ownWork;
}

/** The largest rounding error of the task that ran last. */
let lastError: f64 = 0;

/** Runs the task; returns the result's residue, for `isTrustworthy`. */
export function perform(task: ProductTask): u64 {
  for (let i: usize = 0; i < ranks(); i++) store<f64>(RANK_ERRORS + slotOf(i), 0);
  fork(TASK_PRODUCT, changetype<usize>(task));
  atomic.add<i64>(PRODUCTS, 1);
  const work = workOf(task);
  ownWork += work;
  atomic.add<i64>(WORK_DONE, work);
  lastError = 0;
  let residue: u64 = 0;
  for (let i: usize = 0; i < ranks(); i++) {
    lastError = max(lastError, load<f64>(RANK_ERRORS + slotOf(i)));
    residue = addResidues(residue, load<u64>(RANK_RESIDUES + slotOf(i)));
  }
  return residue;
}

/** Judges the task that ran last, whose residue is the one expected or not. */
export function isTrustworthy(asExpected: bool): bool {
  if (!(lastError < DOUBTFUL_ERROR) || !asExpected) {
    countRepeat();
    return false;
  }
  if (lastError > load<f64>(LARGEST_ERROR)) store<f64>(LARGEST_ERROR, lastError);
  return true;
}

/** A product that was trusted is to be done again. */
export function countRepeat(): void {
  atomic.add<i64>(REPEATS, 1);
}

/** Runs the task; false when the result cannot be trusted. */
export function attempt(task: ProductTask, expected: u64): bool {
  return isTrustworthy(perform(task) === expected);
}

export function setOperandA(task: ProductTask, number: Natural): void {
  task.sourceA = number.words;
  task.wordsA = number.count;
}

export function setOperandB(task: ProductTask, number: Natural): void {
  task.sourceB = number.words;
  task.wordsB = number.count;
}

/** How much smaller the digits get with each repetition; traps when even the smallest did not give a trustworthy product. */
export function nextLimit(plan: Plan, repetition: u32): u32 {
  if (plan.digitBits === MIN_DIGIT_BITS) unreachable();
  return max(MIN_DIGIT_BITS, plan.digitBits - min(plan.digitBits, 1 + 2 * repetition));
}

export function finish(result: Natural, dst: usize, words: usize, residue: u64): void {
  result.words = dst;
  result.count = trimmed(dst, words);
  result.residue = residue;
}

function multiplyByTransform(result: Natural, dst: usize, a: Natural, b: Natural): void {
  const square = a.words === b.words && a.count === b.count;
  const expected = multiplyResidues(a.residue, b.residue);
  const words = a.count + b.count;
  let limit = NO_LIMIT;
  for (let repetition: u32 = 0; ; repetition++) {
    const mark = stackTop();
    const task = newTask();
    choosePlan(task.plan, a.count, b.count, square ? NOISE_SQUARE : NOISE_PRODUCT, limit);
    task.operation = square ? SQUARE : PRODUCT;
    setOperandA(task, a);
    task.vectorsA = allocateVectors(task.plan);
    task.digits = allocateVectors(task.plan);
    task.cutA = allocateCut(task.plan, a.count);
    if (!square) {
      setOperandB(task, b);
      task.vectorsB = task.digits;
      task.cutB = allocateCut(task.plan, b.count);
    }
    task.dst = dst;
    task.words = words;
    const good = attempt(task, expected);
    if (!good) limit = nextLimit(task.plan, repetition);
    release(mark);
    if (good) break;
  }
  finish(result, dst, words, expected);
}

/** Whether `multiply` takes transforms. */
export function needsTransform(a: Natural, b: Natural): bool {
  return min(a.count, b.count) > SHORT_WORDS && a.count + b.count > SMALL_TOTAL_WORDS;
}

/** dst, with productRoom(a.count + b.count) words of room, = a b. */
export function multiply(result: Natural, dst: usize, a: Natural, b: Natural): void {
  if (a.count < b.count) {
    const longer = b;
    b = a;
    a = longer;
  }
  const words = a.count + b.count;
  if (b.count === 0) {
    finish(result, dst, 0, 0);
  } else if (b.count <= FEW_WORDS) {
    multiplyByFewWords(dst, a.words, a.count, b.words, b.count);
    finish(result, dst, words, multiplyResidues(a.residue, b.residue));
  } else if (!needsTransform(a, b)) {
    multiplySmall(dst, a.words, a.count, b.words, b.count);
    finish(result, dst, words, multiplyResidues(a.residue, b.residue));
  } else {
    multiplyByTransform(result, dst, a, b);
  }
}
