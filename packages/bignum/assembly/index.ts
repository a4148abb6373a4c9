/** What JavaScript calls. Every argument and every result is a `usize`, so that one rule converts them for both sizes of addresses. */
import { rangeWords, soloRange } from './chudnovsky';
import { buildDigitCuts } from './digits';
import { multiplyLanes, newLanes, setLanes, sumProducts, takeLanes } from './lanes';
import { writeLoopConstants } from './loop-constants';
import { LONGEST_PART } from './memory-map';
import { Natural, newNatural, setNatural } from './natural';
import { nextInSeries, openPi, stepSeries } from './pi';
import { certifyDecimals, isDoubtful, openDecimals, writeDecimals } from './pi-decimals';
import { stepFraction } from './pi-fraction';
import { openKeptNumbers, openKeptRange, sealKeptNumbers, sealKeptRange } from './pi-keeping';
import { setLongestPart } from './plan';
import { multiply, productRoom } from './product';
import { selfCheck } from './self-check';
import { allocate, highestTop, release, setStack, stackTop } from './stack';
import { TASK_TWIDDLES } from './task-kinds';
import { TwiddleTask } from './tasks';
import { fork, giveUp, leadTeam, serveTeam, setSolo, takeInJoined } from './team';
import { twiddleBytes } from './twiddles';
import { buildFactorPrimes } from './weights';
import { copyWords } from './words';

/** The leader calls this first; `threads` is how many the team may have, its stack is [from, to). */
export function lead(threads: usize, from: usize, to: usize): void {
  setStack(from, to);
  leadTeam(<i32>threads);
}

/** What every other thread does: it joins whenever it is there, and takes part in tasks until it is ended. */
export function serve(threads: usize, from: usize, to: usize): void {
  setStack(from, to);
  serveTeam(<i32>threads);
}

export {
  allocate,
  certifyDecimals,
  giveUp,
  highestTop,
  isDoubtful,
  multiplyLanes,
  newLanes,
  nextInSeries,
  openDecimals,
  openKeptNumbers,
  openKeptRange,
  openPi,
  release,
  sealKeptNumbers,
  sealKeptRange,
  selfCheck,
  setLanes,
  stackTop,
  stepFraction,
  stepSeries,
  sumProducts,
  takeLanes,
  writeDecimals,
};

/** Leader: tables for transforms of up to 2^logVectors vectors. */
export function prepare(logVectors: usize): void {
  takeInJoined();
  writeLoopConstants();
  setLongestPart((<usize>4) << (<i32>logVectors));
  store<usize>(LONGEST_PART, (<usize>4) << (<i32>logVectors));
  buildDigitCuts();
  buildFactorPrimes();
  const address = allocate(twiddleBytes(<i32>logVectors));
  const mark = stackTop();
  const task = changetype<TwiddleTask>(allocate(offsetof<TwiddleTask>()));
  task.address = address;
  task.logVectors = <i32>logVectors;
  fork(TASK_TWIDDLES, changetype<usize>(task));
  release(mark);
}

/** dst = a b, wordsA + wordsB words. */
export function multiplyNumbers(dst: usize, a: usize, wordsA: usize, b: usize, wordsB: usize): void {
  takeInJoined();
  const mark = stackTop();
  const x = newNatural();
  const y = newNatural();
  const product = newNatural();
  setNatural(x, a, wordsA);
  if (a === b && wordsA === wordsB) {
    y.words = x.words;
    y.count = x.count;
    y.residue = x.residue;
  } else {
    setNatural(y, b, wordsB);
  }
  const room = allocate(productRoom(wordsA + wordsB) << 3);
  multiply(product, room, x, y);
  copyWords(dst, room, product.count);
  memory.fill(dst + (product.count << 3), 0, (wordsA + wordsB - product.count) << 3);
  release(mark);
}

/**
 * For tests: P, Q and T of the series' terms [from, to), none of them cut, as one thread computes them. Returns where address and words
 * of T, of Q and of P stand, 64 bits each.
 */
export function sumTerms(from: usize, to: usize): usize {
  const places = allocate(48);
  setSolo(true);
  const range = soloRange(<u64>from, <u64>to, rangeWords(to - from, to));
  setSolo(false);
  writePlace(places, range.t);
  writePlace(places + 16, range.q);
  writePlace(places + 32, range.p);
  return places;
}

function writePlace(at: usize, number: Natural): void {
  store<u64>(at, <u64>number.words);
  store<u64>(at, <u64>number.count, 8);
}
