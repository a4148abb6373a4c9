/** The steps from the series' Q and T to the fraction pi - 3. Leader. */
import { copyNatural, Natural, newNatural, setNatural } from './natural';
import { divide, inverseRootOf10005, reciprocal, reciprocalWords } from './newton';
import {
  arrive,
  enterStage,
  leaveFor,
  placeFraction,
  resultWords,
  STAGE_FRACTION,
  STAGE_QUOTIENT,
  STAGE_RECIPROCAL,
  STAGE_ROOT,
  STAGE_SERIES,
  STAGE_SUMS,
  slot,
  stage,
} from './pi-stages';
import { multiply, productRoom } from './product';
import { wholeSeries } from './series';
import { allocate } from './stack';
import { takeInJoined } from './team';
import { copyWords, multiplyByWord, shiftLeft, subtractBorrow, subtractWords, zeroWords } from './words';

/** 426880 sqrt(10005) = 426880 * 10005 / sqrt(10005) */
const ROOT_FACTOR: u64 = 4270934400;

/** One step from the series to the fraction; 1 while there are more. */
export function stepFraction(): usize {
  takeInJoined();
  if (stage() === STAGE_SERIES) formSums();
  else if (stage() === STAGE_SUMS) findRoot();
  else if (stage() === STAGE_ROOT) formQuotient();
  else if (stage() === STAGE_QUOTIENT) findReciprocal();
  else if (stage() === STAGE_RECIPROCAL) findFraction();
  return stage() < STAGE_FRACTION ? 1 : 0;
}

/** Both sides of the quotient before the root; T is not needed any more. */
function formSums(): void {
  const series = wholeSeries();
  copyNatural(slot(0), series.q);
  const q = slot(0);
  const t = series.t;
  const wide = q.count + 2;
  const denominator = allocate(wide << 3);
  store<u64>(denominator + (q.count << 3), multiplyByWord(denominator, q.words, q.count, 13591409));
  store<u64>(denominator + ((q.count + 1) << 3), 0);
  const borrow = subtractWords(denominator, denominator, t.words, t.count);
  subtractBorrow(denominator + (t.count << 3), wide - t.count, borrow);
  setNatural(slot(1), denominator, wide);
  enterStage(STAGE_SUMS);
}

function findRoot(): void {
  const n = resultWords();
  const root = allocate(n << 3);
  inverseRootOf10005(root, n);
  setNatural(slot(2), root, n);
  enterStage(STAGE_ROOT);
}

/** Both sides of the quotient, scaled alike. */
function formQuotient(): void {
  const n = resultWords();
  const q = slot(0);
  const product = newNatural();
  multiply(product, allocate(productRoom(q.count + n) << 3), q, slot(2));
  const scaled = product.words;
  store<u64>(scaled + (product.count << 3), multiplyByWord(scaled, scaled, product.count, ROOT_FACTOR));
  const numerator = newNatural();
  // The root stands n words behind the point.
  setNatural(numerator, scaled + (n << 3), product.count + 1 - n);
  leaveFor(STAGE_QUOTIENT);
  alignQuotient(slot(1), numerator);
  enterStage(STAGE_QUOTIENT);
}

/** Shifts both sides until the denominator has n words and its top bit set; what falls off the numerator's low end is below a unit. */
function alignQuotient(denominator: Natural, numerator: Natural): void {
  const n = resultWords();
  const up = denominator.count < n ? n - denominator.count : 0;
  const down = denominator.count > n ? denominator.count - n : 0;
  const bits = clz(load<u64>(denominator.words + ((denominator.count - 1) << 3)));
  alignNumber(slot(0), denominator, up, down, bits, n);
  alignNumber(slot(1), numerator, up, down, bits, n + 1);
}

function alignNumber(result: Natural, number: Natural, up: usize, down: usize, bits: u64, n: usize): void {
  const words = allocate((max(number.count, n) + up + 2) << 3);
  zeroWords(words, max(number.count, n) + up + 2);
  store<u64>(
    words + ((number.count + up) << 3),
    shiftLeft(words + (up << 3), number.words, number.count, bits, 0),
  );
  setNatural(result, words + (down << 3), n);
}

function findReciprocal(): void {
  const m = reciprocalWords(resultWords());
  const y = slot(2);
  y.words = allocate((m + 2) << 3);
  reciprocal(y, m, slot(0));
  enterStage(STAGE_RECIPROCAL);
}

/** pi - 3, at most a few units of its last word too small. */
function findFraction(): void {
  const n = resultWords();
  const pi = allocate((n + 1) << 3);
  divide(pi, n, slot(1), slot(0), slot(2));
  if (load<u64>(pi + (n << 3)) !== 3) unreachable();
  const fraction = placeFraction();
  copyWords(fraction, pi, n);
  setNatural(slot(0), fraction, n);
  arrive();
}
