/**
 * The series' tree over memory. Its lowest nodes, the subtrees, are computed by one thread each, a block of neighbours at a time; the
 * merges above are shared by all threads. Finished ranges lie side by side on the leader's stack, the first terms lowest, and a merge
 * leaves its result where its left part began: so no more is held than one range for each level of the tree.
 *
 * `advanceSeries` takes one step, after which what is held can be kept and computed on from later: a range is known by its place in
 * the tree, in units of subtrees.
 */
import { rangeWords, soloRange, wordsBehind } from './chudnovsky';
import { HELD_PLACES, MOST_HELD, SERIES_SUBTREES } from './memory-map';
import {
  copyRange,
  mergeRanges,
  mergeRoom,
  moveRange,
  newRange,
  Range,
  rangeEnd,
  sealRange,
  truncateRange,
} from './merge';
import { workOfThread } from './product';
import { allocate, release, setStack, setTop, stackLimit, stackTop } from './stack';
import { TASK_SUBTREES } from './task-kinds';
import { claimItem, closeTask, openTask, setSolo, takeInJoined, threadCount, threadNumber } from './team';
import { WEIGHT_WORDS } from './weights';

/** Subtrees for the threads to share: enough for balance, and short enough to keep each thread's part in its cache. */
const LONGEST_SUBTREE_TERMS: u64 = 70000;
const SHORTEST_SUBTREE_TERMS: u64 = 200;
/** Also for one thread: between two of them it can be asked to stop. */
const FEWEST_SUBTREES: usize = 8;
/** Ranges beside those of a block: one a level. */
const MOST_LEVELS: usize = 40;

/** A block of subtrees, as all ranks see it. */
@unmanaged
export class BlockTask {
  /** Terms of the whole series and the subtrees that they are cut into. */
  terms: u64;
  subtrees: usize;
  /** Words of the sum. */
  precision: usize;
  /** The block's first subtree, how many there are, and where each has its place. */
  first: usize;
  count: usize;
  places: usize;
  placeBytes: usize;
  /** By number in the block, a Range. */
  ranges: usize;
  /** Working memory of each thread, one after the other. */
  workspaces: usize;
  workspaceBytes: usize;
}

/** A range that is held, and the subtrees that it covers. Whoever looks from outside sees the same fields (src/whole-numbers.ts). */
@unmanaged
class Held {
  /** Of the transforms, for all of the range. */
  work: i64;
  first: usize;
  /** 0 while the range is not whole: any thread may be ended at any time, and what is told of then is saved. */
  count: usize;
  range: Range;
}

let terms: u64 = 0;
let subtrees: usize = 0;
let precision: usize = 0;
let blockSubtrees: usize = 0;
/** Addresses of the `Held`, and how many are in use. */
let places: usize = 0;
let block: BlockTask = changetype<BlockTask>(<usize>0);
let heldCount: usize = 0;
/** Of the block that is under way, ranges that it consists of by now, and the next that is merged; 0 while there is none. */
let blockRanges: usize = 0;
let nextMerge: usize = 0;
let subtreesAreLeft: bool = false;
/** Where the stack goes on behind the ranges. */
let floor: usize = 0;

function subtreeCount(allTerms: u64): usize {
  let count: usize = 1;
  const fewest = max(FEWEST_SUBTREES, threadCount() << 2);
  while (<u64>count * LONGEST_SUBTREE_TERMS < allTerms || count < fewest) count <<= 1;
  while (count > 1 && allTerms / <u64>count < SHORTEST_SUBTREE_TERMS) count >>= 1;
  return count;
}

/** Begins the sum of so many terms; Q and T are wanted to `words` words. A step takes so many subtrees for each thread. */
export function openSeries(allTerms: u64, words: usize, subtreesPerThread: usize): void {
  terms = allTerms;
  precision = words;
  subtrees = subtreeCount(allTerms);
  blockSubtrees = 1;
  while (blockSubtrees < threadCount() * subtreesPerThread) blockSubtrees <<= 1;
  const most = min(blockSubtrees, subtrees) + MOST_LEVELS;
  places = allocate(most * sizeof<usize>());
  for (let index: usize = 0; index < most; index++) {
    const held = changetype<Held>(allocate(offsetof<Held>()));
    held.range = newRange();
    held.count = 0;
    store<usize>(places + index * sizeof<usize>(), changetype<usize>(held));
  }
  store<u64>(SERIES_SUBTREES, <u64>subtrees);
  store<u64>(HELD_PLACES, <u64>places);
  store<u64>(MOST_HELD, <u64>most);
  block = changetype<BlockTask>(allocate(offsetof<BlockTask>()));
  heldCount = 0;
  blockRanges = 0;
  floor = stackTop();
}

function heldAt(index: usize): Held {
  return changetype<Held>(load<usize>(places + index * sizeof<usize>()));
}

/** From when the range is whole, or with a count of 0 until when. */
function setCount(held: Held, count: usize): void {
  atomic.store<usize>(changetype<usize>(held) + offsetof<Held>('count'), count);
}

/** The subtree with which the next block begins. */
function nextSubtree(): usize {
  if (heldCount === 0) return 0;
  const last = heldAt(heldCount - 1);
  return last.first + last.count;
}

/** Whether the last two ranges are the halves of a node. */
function halvesAreThere(): bool {
  if (heldCount < 2) return false;
  const left = heldAt(heldCount - 2);
  const right = heldAt(heldCount - 1);
  return left.count === right.count && left.first % (left.count << 1) === 0;
}

/** What the next step is; whoever looks from outside knows the same numbers (src/exports.ts). */
const NO_STEP: usize = 0;
const A_BLOCK: usize = 1;
/** Within a block, which is kept when it is whole; who stops the computation can keep what there is of it (src/whole-numbers.ts). */
const REST_OF_BLOCK: usize = 2;
/** Of ranges that are held, which it uses up. */
const A_MERGE: usize = 3;

export function nextStep(): usize {
  if (blockRanges !== 0) return REST_OF_BLOCK;
  if (halvesAreThere()) return A_MERGE;
  return nextSubtree() < subtrees ? A_BLOCK : NO_STEP;
}

/** One step towards the sum; a block at once, or of the block a subtree or a merge at a time. Leader. */
export function advanceSeries(wholeBlock: bool): void {
  const step = nextStep();
  if (step === A_MERGE) mergeHeld(heldCount - 2);
  if (step === A_BLOCK) openBlock();
  while (blockRanges !== 0) {
    // Who has come meanwhile takes part in the merges that follow.
    takeInJoined();
    advanceBlock();
    if (!wholeBlock) return;
  }
}

/** The whole sum, when no step is left. */
export function wholeSeries(): Range {
  return heldAt(0).range;
}

/** Makes room for a range of an earlier run, behind those that are there, P, Q and T of so many words; `work` is what is in it. */
export function openRange(
  first: usize,
  count: usize,
  exponent: usize,
  wordsT: usize,
  wordsQ: usize,
  wordsP: usize,
  work: i64,
): Range {
  const held = heldAt(heldCount++);
  held.work = work;
  held.first = first;
  held.count = count;
  const range = held.range;
  range.exponent = exponent;
  range.t.count = wordsT;
  range.q.count = wordsQ;
  range.p.count = wordsP;
  range.t.words = floor;
  range.q.words = floor + (wordsT << 3);
  range.p.words = range.q.words + (wordsQ << 3);
  endRangesAt(range.p.words + (wordsP << 3));
  return range;
}

/** After the words of the last range were filled in. */
export function sealLastRange(): void {
  sealRange(heldAt(heldCount - 1).range);
}

function endLastRange(): void {
  endRangesAt(rangeEnd(heldAt(heldCount - 1).range));
}

function endRangesAt(end: usize): void {
  floor = (end + 191) & ~(<usize>63);
  setTop(floor);
}

/** The next block of subtrees: from here on any thread takes them. */
function openBlock(): void {
  const first = nextSubtree();
  let count = blockSubtrees;
  while (first % count !== 0 || first + count > subtrees) count >>= 1;
  const task = block;
  task.terms = terms;
  task.subtrees = subtrees;
  task.precision = precision;
  task.first = first;
  task.count = count;
  task.ranges = places + heldCount * sizeof<usize>();
  const words = rangeWords(terms / <u64>subtrees + 2, terms);
  task.placeBytes = ((words * 3 + 32) << 3) & ~(<usize>63);
  task.places = allocate(task.placeBytes * count);
  // A merge's vectors and numbers, and the left results that wait for their right ones.
  task.workspaceBytes = words * 420 + (1 << 18);
  task.workspaces = allocate(task.workspaceBytes * threadCount());
  blockRanges = count;
  nextMerge = 0;
  subtreesAreLeft = true;
  openTask(TASK_SUBTREES, changetype<usize>(task));
}

/** A subtree of the block, or, when there is none left, a merge towards the node that it is. */
function advanceBlock(): void {
  if (!subtreesAreLeft) mergeNext();
  else if (!takeSubtree(block)) closeBlock();
}

/** No subtree is left to take: those that other threads have taken are awaited. */
function closeBlock(): void {
  closeTask();
  release(block.workspaces);
  subtreesAreLeft = false;
  if (blockRanges === 1) endBlock();
}

/** The task of TASK_SUBTREES: every rank takes subtrees until none is left. */
export function runSubtrees(task: BlockTask): void {
  while (takeSubtree(task)) {}
}

/** This thread alone; false when there is none left. */
function takeSubtree(task: BlockTask): bool {
  const index = claimItem();
  if (index >= task.count) return false;
  const oldTop = stackTop();
  const oldLimit = stackLimit();
  const workspace = task.workspaces + threadNumber() * task.workspaceBytes;
  setSolo(true);
  setStack(workspace, workspace + task.workspaceBytes);
  const number = task.first + index;
  const held = changetype<Held>(load<usize>(task.ranges + index * sizeof<usize>()));
  const workBefore = workOfThread();
  const from = subtreeStart(task.terms, task.subtrees, number);
  const to = subtreeStart(task.terms, task.subtrees, number + 1);
  const range = soloRange(from, to, wordsNeeded(task.precision, from, false));
  moveRange(range, task.places + index * task.placeBytes);
  copyRange(held.range, range);
  held.first = number;
  held.work = workOfThread() - workBefore;
  setCount(held, 1);
  setSolo(false);
  setStack(oldTop, oldLimit);
  return true;
}

/** Where subtree `index` begins: depends on its place in the tree alone, so that trees of any depth fit together. */
function subtreeStart(allTerms: u64, count: usize, index: usize): u64 {
  if (index === count) return allTerms;
  return 1 + ((((allTerms - 1) * <u64>index) / <u64>count) & ~(<u64>1));
}

/**
 * Words that a range beginning with term `from` is cut to. One more than what is wanted: many ranges are cut, each by a unit. A unit of P
 * counts as often as the weight of what comes behind the range, so that there are more but where nothing does.
 */
function wordsNeeded(words: usize, from: u64, isLast: bool): usize {
  return wordsBehind(words + 1, from - 1) + (isLast ? 0 : WEIGHT_WORDS);
}

/** Merges the next two neighbours of the block's ranges, level by level. */
function mergeNext(): void {
  mergeAt(heldCount + nextMerge);
  if (nextMerge > 0) swapHeld(heldCount + (nextMerge >> 1), heldCount + nextMerge);
  nextMerge += 2;
  if (nextMerge < blockRanges) return;
  nextMerge = 0;
  blockRanges >>= 1;
  if (blockRanges === 1) endBlock();
}

/** The block's node is whole. */
function endBlock(): void {
  blockRanges = 0;
  heldCount++;
  endLastRange();
}

function swapHeld(a: usize, b: usize): void {
  const held = load<usize>(places + a * sizeof<usize>());
  store<usize>(places + a * sizeof<usize>(), load<usize>(places + b * sizeof<usize>()));
  store<usize>(places + b * sizeof<usize>(), held);
}

function mergeHeld(index: usize): void {
  mergeAt(index);
  heldCount--;
  endLastRange();
}

/** Merges held range `index` with the next one; the result begins where the left part did. Until it is there the halves are. */
function mergeAt(index: usize): void {
  const left = heldAt(index);
  const right = heldAt(index + 1);
  const mark = stackTop();
  const workBefore = workOfThread();
  const count = left.count + right.count;
  const place = left.range.t.words;
  const merged = newRange();
  const isLast = right.first + right.count === subtrees;
  const room = allocate(mergeRoom(left.range, right.range, left.range.p));
  const words = wordsNeeded(precision, subtreeStart(terms, subtrees, left.first), isLast);
  mergeRanges(merged, room, left.range, right.range, left.range.p, !isLast, words);
  truncateRange(merged, words);
  setCount(left, 0);
  setCount(right, 0);
  left.work += right.work + workOfThread() - workBefore;
  copyRange(left.range, merged);
  // It counts where it lies until it has arrived, unless it is overwritten on the way.
  if (place + rangeBytes(merged) <= merged.t.words) setCount(left, count);
  moveRange(merged, place);
  setCount(left, 0);
  copyRange(left.range, merged);
  setCount(left, count);
  release(mark);
}

function rangeBytes(range: Range): usize {
  return (range.t.count + range.q.count + range.p.count) << 3;
}
