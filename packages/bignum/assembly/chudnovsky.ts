/**
 * Chudnovsky's series by binary splitting:
 *
 *     pi = 426880 sqrt(10005) Q / (13591409 Q - |T|)
 *     p(k) = (6k-5)(2k-1)(6k-1)   q(k) = k^3 640320^3/24   a(k) = 13591409 + 545140134 k
 *
 * over k = 1, 2, ...; each term gives 14.18 digits. Terms alternate in sign, so |T| = |T1| Q2 + |P1 T2| as long as the left range
 * has an even number of terms: every split is even, and no sign is ever stored.
 *
 * Low subtrees are computed by one thread each, the levels above them by all threads together.
 */
import {
  copyRange,
  mergeRanges,
  mergeRoom,
  moveRange,
  newRange,
  Range,
  rangeBytes,
  rangeEnd,
  truncateRange,
} from './merge';
import { Natural, setNatural } from './natural';
import { allocate, release, setStack, stackLimit, stackTop } from './stack';
import { TASK_SUBTREES } from './task-kinds';
import { claimItem, fork, resetItems, setSolo, threadCount, threadNumber } from './team';
import { addProductByWord, multiplyByWord, subtractProductByWord } from './words';

/** 640320^3 / 24 */
const C: u64 = 10939058860032000;
/** k^3 fits a word up to here. */
const LAST_WORD_CUBE: u64 = 2642245;
/** 72 k^3 fits a word up to here. */
const LAST_WORD_P: u64 = 635000;
const LEAF_TERMS: u64 = 10;
/** Words of any number in a leaf. */
const LEAF_WORDS: usize = 32;
const DIGITS_PER_TERM: f64 = 14.181647462725477;

export function termCount(digits: f64): u64 {
  return <u64>(digits / DIGITS_PER_TERM) + 2;
}

/** Upper estimate of the words of Q (and of T) over terms up to `last`. */
function rangeWords(terms: u64, last: u64): usize {
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

/** Terms [from, to) by this thread alone; the result is all that stays on its stack. */
function soloRange(from: u64, to: u64): Range {
  if (to - from <= LEAF_TERMS) return leafRange(from, to);
  const result = newRange();
  const mark = stackTop();
  const split = middle(from, to);
  const left = soloRange(from, split);
  const right = soloRange(split, to);
  mergeRanges(result, allocate(mergeRoom(left, right)), left, right, true);
  const end = moveRange(result, mark);
  release(mark);
  allocate(end - mark);
  return result;
}

/** A computation of the series, as all ranks see it. */
@unmanaged
export class SeriesTask {
  terms: u64;
  subtrees: usize;
  /** By number, the Range of each subtree; later, of each merge of a level. */
  ranges: usize;
  /** Where the next finished subtree's numbers go; moved on atomically. */
  shelf: usize;
  /** Working memory of each thread, one after the other. */
  workspaces: usize;
  workspaceBytes: usize;
}

function rangeAt(task: SeriesTask, index: usize): Range {
  return changetype<Range>(load<usize>(task.ranges + index * sizeof<usize>()));
}

function subtreeStart(task: SeriesTask, index: usize): u64 {
  if (index === task.subtrees) return task.terms;
  return 1 + ((((task.terms - 1) * <u64>index) / <u64>task.subtrees) & ~(<u64>1));
}

/** The task of TASK_SUBTREES: every rank takes subtrees until none is left. */
export function runSubtrees(task: SeriesTask): void {
  const oldTop = stackTop();
  const oldLimit = stackLimit();
  const workspace = task.workspaces + threadNumber() * task.workspaceBytes;
  setSolo(true);
  setStack(workspace, workspace + task.workspaceBytes);
  const mark = stackTop();
  for (let index = claimItem(); index < task.subtrees; index = claimItem()) {
    const range = soloRange(subtreeStart(task, index), subtreeStart(task, index + 1));
    moveRange(
      range,
      atomic.add<usize>(offsetof<SeriesTask>('shelf') + changetype<usize>(task), rangeBytes(range)),
    );
    copyRange(rangeAt(task, index), range);
    release(mark);
  }
  setSolo(false);
  setStack(oldTop, oldLimit);
}

/** Subtrees for the threads to share: enough for balance, and short enough to keep each thread's part in its cache. */
const LONGEST_SUBTREE_TERMS: u64 = 70000;
const SHORTEST_SUBTREE_TERMS: u64 = 200;

function subtreeCount(terms: u64): usize {
  let count: usize = 1;
  while (<u64>count * LONGEST_SUBTREE_TERMS < terms || count < threadCount() << 2) count <<= 1;
  while (count > 1 && terms / <u64>count < SHORTEST_SUBTREE_TERMS) count >>= 1;
  return count;
}

/**
 * All terms; Q and T to `precision` words, P empty. The result lies at the bottom of what this took from the stack.
 *
 * Subtrees put their results on a first shelf; the levels above alternate between a second one behind it and the first. Working
 * memory lies behind whatever is in use, so that the last merges, the largest, find the most room.
 */
export function sumSeries(terms: u64, precision: usize): Range {
  const result = newRange();
  const bottom = stackTop();
  const task = changetype<SeriesTask>(allocate(offsetof<SeriesTask>()));
  task.terms = terms;
  task.subtrees = subtreeCount(terms);
  task.ranges = allocate(task.subtrees * sizeof<usize>());
  for (let index: usize = 0; index < task.subtrees; index++) {
    store<usize>(task.ranges + index * sizeof<usize>(), changetype<usize>(newRange()));
  }
  // Q and T take no more than rangeWords each, P less.
  const first = allocate((rangeWords(terms, terms) * 3 + task.subtrees * 64) << 3);
  const second = stackTop();
  task.shelf = first;
  // A merge's vectors and numbers, and the left results that wait for their right ones.
  task.workspaceBytes = rangeWords(terms / <u64>task.subtrees + 2, terms) * 420 + (1 << 18);
  task.workspaces = allocate(task.workspaceBytes * threadCount());
  resetItems();
  fork(TASK_SUBTREES, changetype<usize>(task));
  mergeSubtrees(task, first, second, precision);
  copyRange(result, rangeAt(task, 0));
  const end = moveRange(result, bottom);
  release(bottom);
  allocate(end - bottom);
  return result;
}

/** Level by level, all threads on each merge. */
function mergeSubtrees(task: SeriesTask, first: usize, second: usize, precision: usize): void {
  let toSecond = true;
  for (let count = task.subtrees; count > 1; count >>= 1) {
    let place = toSecond ? second : first;
    const operandsEnd = toSecond ? second : levelEnd(task, count);
    for (let index: usize = 0; index < count; index += 2) {
      const left = rangeAt(task, index);
      const right = rangeAt(task, index + 1);
      const result = rangeAt(task, index >> 1);
      release(max(operandsEnd, place + mergeRoom(left, right)));
      const merged = newRange();
      mergeRanges(merged, place, left, right, index + 2 < count);
      truncateRange(merged, precision);
      place = (moveRange(merged, place) + 191) & ~(<usize>63);
      copyRange(result, merged);
    }
    toSecond = !toSecond;
  }
}

/** Where the numbers of a level end. */
function levelEnd(task: SeriesTask, count: usize): usize {
  let end: usize = 0;
  for (let index: usize = 0; index < count; index++) end = max(end, rangeEnd(rangeAt(task, index)));
  return end;
}
