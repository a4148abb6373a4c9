/** What JavaScript calls. Every argument and every result is a `usize`, so that one rule converts them for both sizes of addresses. */
import { buildFactorPrimes } from './common-factors';
import { buildDigitCuts } from './digits';
import { newNatural, setNatural } from './natural';
import { mergesNext, openPi, stepSeries } from './pi';
import { certifyDecimals, isDoubtful, openDecimals, writeDecimals } from './pi-decimals';
import { stepFraction } from './pi-fraction';
import { openKeptNumbers, openKeptRange, sealKeptNumbers, sealKeptRange } from './pi-keeping';
import { multiply, productRoom } from './product';
import { selfCheck } from './self-check';
import { allocate, highestTop, release, setStack, stackTop } from './stack';
import { TASK_TWIDDLES } from './task-kinds';
import { TwiddleTask } from './tasks';
import { dismiss, fork, joinTeam, serve, setSolo } from './team';
import { twiddleBytes } from './twiddles';
import { copyWords } from './words';

/** Every thread calls this first; its stack is [from, to). */
export function join(rank: usize, count: usize, from: usize, to: usize): void {
  joinTeam(<i32>rank, <i32>count);
  setStack(from, to);
  setSolo(false);
}

export {
  allocate,
  certifyDecimals,
  dismiss,
  highestTop,
  isDoubtful,
  mergesNext,
  openDecimals,
  openKeptNumbers,
  openKeptRange,
  openPi,
  release,
  sealKeptNumbers,
  sealKeptRange,
  selfCheck,
  serve,
  stackTop,
  stepFraction,
  stepSeries,
  writeDecimals,
};

/** Leader: tables for transforms of up to 2^logVectors vectors. */
export function prepare(logVectors: usize): void {
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
