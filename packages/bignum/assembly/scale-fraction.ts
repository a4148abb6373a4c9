/**
 * The step from a node to its right half: F 10^h modulo 1 for a fraction F = X / B^W of 2h digits, cut to the words of h digits.
 *
 * As 10^h = 5^h 2^h, the right half's bits are those of Z = X 5^h below bit c = 64 W - h, of which the lowest, as many as 5^h has, are
 * cut off. So Z may be taken modulo 2^N + 1 with N = b n not much above c, one transform as long as the fraction instead of one as
 * long as the product: what lies above bit N is subtracted at the low end, where it is cut off with the rest (a borrow can make the
 * fraction one unit smaller).
 *
 * The product V that is left is checked all the same. What lies above bit c of Z is the number that the left half's digits are, and
 * its residue is known once they are written. With the bits of V from c to N it gives the residue of H, what lies above bit N:
 * Z = V + H (2^N + 1) has to hold modulo 2^61 - 1. Here it is solved for the left half's digits: what they have to be is the result, and
 * the caller compares it with what they are. So those are checked as well, however they came about.
 */
import { fractionWords, Level, scaledBits, scaledWords } from './conversion-tree';
import { multiplyByFactor, setKeptOperand } from './kept-factor';
import { modulusWords } from './known';
import { Natural, newNatural, setNatural, withoutLow } from './natural';
import {
  allocateVectors,
  CYCLIC,
  isTrustworthy,
  multiply,
  newTask,
  perform,
  productRoom,
  setOperandA,
} from './product';
import {
  addResidues,
  multiplyResidues,
  reduceWord,
  residueOfPowerOfTwo,
  residueOfWords,
  subtractResidues,
} from './residue';
import { allocate, release, stackTop } from './stack';
import { PRODUCT } from './transform';
import { extractWords } from './words';

/**
 * right = the right half of the node at `fraction`; returns the residue of what the left half's digits have to be. The product itself
 * is not to be trusted before that was compared.
 */
export function scaleFraction(right: usize, fraction: usize, level: Level): u64 {
  if (!level.isCyclic) return scaleWhole(right, fraction, level);
  const mark = stackTop();
  const number = lowNumber(fraction, level);
  const product = cyclicProduct(number, level);
  const left =
    product === 0 ? scaleWhole(right, fraction, level) : takeCyclic(right, product, fraction, number, level);
  release(mark);
  return left;
}

/** For levels whose products are small: nothing is found out about the left half. */
export function scaleSmall(right: usize, fraction: usize, level: Level): void {
  const mark = stackTop();
  extractRight(right, wholeProduct(lowNumber(fraction, level), level), level);
  release(mark);
}

/** The same by a whole product, which is checked by itself. */
export function scaleWhole(right: usize, fraction: usize, level: Level): u64 {
  const mark = stackTop();
  const product = wholeProduct(lowNumber(fraction, level), level);
  extractRight(right, product, level);
  const above = residueAbove(scaledBits(level.half), product, totalWords(level));
  release(mark);
  return leftDigits(above, fraction, level);
}

/** From the residue of what lies above bit c of Z: the words above Z's add to it. */
function leftDigits(aboveBits: u64, fraction: usize, level: Level): u64 {
  const words = scaledWords(level.half);
  const above = residueOfWords(fraction + (words << 3), fractionWords(level.half << 1) - words);
  const shift = residueOfPowerOfTwo(<u64>((words << 6) - scaledBits(level.half)));
  const product = multiplyResidues(above, level.factor.number.residue);
  return addResidues(aboveBits, multiplyResidues(product, shift));
}

/** The words of X that the right half comes from. */
function lowNumber(fraction: usize, level: Level): Natural {
  const number = newNatural();
  setNatural(number, fraction, scaledWords(level.half));
  return number;
}

function extractRight(right: usize, product: usize, level: Level): void {
  const words = fractionWords(level.half);
  extractWords(right, product, scaledBits(level.half) - (words << 6), words);
}

/** Words of a product, and one more. */
function totalWords(level: Level): usize {
  return scaledWords(level.half) + level.factor.number.count + 1;
}

/** Where all words of the product are. Zeros at the fraction's low end are not multiplied: where it has more words than are known. */
function wholeProduct(number: Natural, level: Level): usize {
  const total = totalWords(level);
  const product = allocate(productRoom(total) << 3);
  let zeros: usize = 0;
  while (zeros < number.count && load<u64>(number.words + (zeros << 3)) === 0) zeros++;
  memory.fill(product, 0, zeros << 3);
  const factor = zeros === 0 ? number : withoutLow(number, zeros);
  const result = newNatural();
  const dst = product + (zeros << 3);
  if (level.isCyclic) multiply(result, dst, factor, level.factor.number);
  else multiplyByFactor(result, dst, factor, level.factor);
  const count = zeros + result.count;
  memory.fill(product + (count << 3), 0, (total - count) << 3);
  return product;
}

/** 2^-exponent modulo 2^61 - 1 */
function inversePowerOfTwo(exponent: usize): u64 {
  return residueOfPowerOfTwo(61 - (<u64>exponent % 61));
}

/** The residue of floor(number / 2^bits). */
function residueAbove(bits: usize, words: usize, count: usize): u64 {
  const from = bits >> 6;
  const rest = residueOfWords(words + (from << 3), count - from);
  const low = load<u64>(words + (from << 3)) & (((<u64>1) << (<u64>bits & 63)) - 1);
  return multiplyResidues(subtractResidues(rest, reduceWord(low)), inversePowerOfTwo(bits & 63));
}

/** The residue of V by the last cyclic product. */
let cyclicResidue: u64 = 0;

/** Where V is, the product modulo 2^N + 1; 0 when its rounding errors are too large. */
function cyclicProduct(number: Natural, level: Level): usize {
  const task = newTask();
  task.operation = PRODUCT;
  task.form = CYCLIC;
  setKeptOperand(task, level.factor);
  setOperandA(task, number);
  task.words = modulusWords(task.plan);
  task.dst = allocate(productRoom(task.words + task.plan.digitBits) << 3);
  const mark = stackTop();
  task.vectorsA = allocateVectors(task.plan);
  task.digits = allocateVectors(task.plan);
  cyclicResidue = perform(task);
  release(mark);
  return isTrustworthy(true) ? task.dst : 0;
}

/** The right half out of V; returns what the left half's digits have to be. */
function takeCyclic(right: usize, product: usize, fraction: usize, number: Natural, level: Level): u64 {
  extractRight(right, product, level);
  const bits = scaledBits(level.half);
  const words = modulusWords(level.factor.plan);
  const middle = residueAbove(bits, product, words);
  const whole = multiplyResidues(number.residue, level.factor.number.residue);
  const high = multiplyResidues(subtractResidues(whole, cyclicResidue), level.inverseModulus);
  const shift = residueOfPowerOfTwo(<u64>((words << 6) - bits));
  return leftDigits(addResidues(multiplyResidues(high, shift), middle), fraction, level);
}
