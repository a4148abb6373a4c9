/**
 * Residuals: what a product lacks to a number that it nearly is. The difference is shorter than the product, so that transforms as long
 * as the difference are enough (see known.ts); and its residue is known, so that all of it is checked.
 */
import { copyPlan, KeptFactor, setKeptOperand } from './kept-factor';
import { modulusWords } from './known';
import { Natural, newNatural, setNatural } from './natural';
import { chooseWrappedPlan, NOISE_PRODUCT } from './plan';
import {
  allocateCut,
  allocateVectors,
  attempt,
  finish,
  multiply,
  NO_LIMIT,
  needsTransform,
  newTask,
  nextLimit,
  ProductTask,
  productRoom,
  SUBTRACTED,
  setOperandA,
  setOperandB,
} from './product';
import { multiplyResidues, residueOfPowerOfTwo, subtractResidues } from './residue';
import { allocate, release, stackTop } from './stack';
import { PRODUCT } from './transform';
import { copyWords, shiftLeft, subtractWords, zeroWords } from './words';

/** known B^shift - a b, which is at least 0 and less than B^words; on the stack. */
export function differenceOf(known: Natural, shift: usize, a: Natural, b: Natural, words: usize): Natural {
  return needsTransform(a, b)
    ? differenceByTransform(known, shift, a, b, words, changetype<KeptFactor>(<usize>0))
    : differenceOfWords(known, shift, a, b, words);
}

/** The same with a factor whose transform is kept, by a plan for `words` + 2 words. */
export function differenceWithFactor(
  known: Natural,
  shift: usize,
  a: Natural,
  factor: KeptFactor,
  words: usize,
): Natural {
  const b = factor.number;
  if (factor.vectors === 0) return differenceOf(known, shift, a, b, words);
  return differenceByTransform(known, shift, a, b, words, factor);
}

function differenceOfWords(known: Natural, shift: usize, a: Natural, b: Natural, words: usize): Natural {
  const result = newNatural();
  const dst = allocate(words << 3);
  const mark = stackTop();
  const product = newNatural();
  multiply(product, allocate(productRoom(a.count + b.count) << 3), a, b);
  const subtrahend = allocate(words << 3);
  zeroWords(dst, words);
  zeroWords(subtrahend, words);
  copyWords(subtrahend, product.words, min(words, product.count));
  if (shift < words) copyWords(dst + (shift << 3), known.words, min(known.count, words - shift));
  subtractWords(dst, dst, subtrahend, words);
  setNatural(result, dst, words);
  release(mark);
  return result;
}

/** With the transform of b, unless that is null. */
function differenceByTransform(
  known: Natural,
  shift: usize,
  a: Natural,
  b: Natural,
  words: usize,
  factor: KeptFactor,
): Natural {
  const result = newNatural();
  const scaled = multiplyResidues(known.residue, residueOfPowerOfTwo((<u64>shift) << 6));
  const expected = subtractResidues(scaled, multiplyResidues(a.residue, b.residue));
  const task = newTask();
  task.operation = PRODUCT;
  task.form = SUBTRACTED;
  let kept = changetype<usize>(factor) !== 0;
  let limit = NO_LIMIT;
  const mark = stackTop();
  for (let repetition: u32 = 0; ; repetition++) {
    if (kept) copyPlan(task.plan, factor.plan);
    else chooseWrappedPlan(task.plan, a.count, b.count, words + 2, NOISE_PRODUCT, limit);
    task.words = modulusWords(task.plan);
    task.dst = allocate(productRoom(task.words + task.plan.digitBits) << 3);
    const resultEnd = stackTop();
    setOperandA(task, a);
    task.vectorsA = allocateVectors(task.plan);
    task.digits = allocateVectors(task.plan);
    task.cutA = allocateCut(task.plan, a.count);
    if (kept) {
      setKeptOperand(task, factor);
    } else {
      task.ready = 0;
      setOperandB(task, b);
      task.vectorsB = task.digits;
      task.cutB = allocateCut(task.plan, b.count);
    }
    setKnown(task, known, shift);
    const good = attempt(task, expected);
    release(good ? resultEnd : mark);
    if (good) break;
    if (!kept) limit = nextLimit(task.plan, repetition);
    kept = false;
  }
  finish(result, task.dst, task.words, expected);
  return result;
}

/** Digits of the known number begin at a multiple of eight digits: it is shifted by the bits that are left over. */
function setKnown(task: ProductTask, known: Natural, shift: usize): void {
  const groupBits = (<usize>task.plan.digitBits) << 3;
  const bits = shift << 6;
  const rest = bits % groupBits;
  const low = rest >> 6;
  const words = low + known.count + 1;
  task.known = allocate(words << 3);
  task.knownWords = words;
  task.knownShift = (bits / groupBits) << 3;
  zeroWords(task.known, low);
  const to = task.known + (low << 3);
  store<u64>(to + (known.count << 3), shiftLeft(to, known.words, known.count, <u64>(rest & 63), 0));
}
