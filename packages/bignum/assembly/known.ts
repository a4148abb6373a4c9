/**
 * Differences "known - a b" modulo that of a plan, M = (x^n0 + 1)(x^n1 + 1)... at x = 2^b. Where the difference is known to be much
 * smaller than the product, M need be no longer than the difference: the known number is taken modulo x^n + 1 for each part and added
 * to the part's digits, and the integer that comes out of the recombination is the difference and a few times M.
 */
import { cutDigits, REPLACE } from './digits';
import { digitCount, Plan, partSize } from './plan';
import { allocate, release, stackTop } from './stack';
import { rank, shareStart } from './team';
import { addCarry, subtractBorrow } from './words';

/** Digits that are cut at a time. */
const BLOCK: usize = 512;

/** This rank's columns (see edges.ts) of n rounded digits, plus those of the number modulo x^n + 1. */
export function addKnown(dst: usize, n: usize, src: usize, words: usize, shift: usize, bits: u32): void {
  const columns = n >> 2;
  const from = shareStart(columns, 16, rank());
  const to = shareStart(columns, 16, rank() + 1);
  const mark = stackTop();
  const cut = allocate(BLOCK << 2);
  for (let quarter: usize = 0; quarter < 4; quarter++) {
    for (let column = from; column < to; column += BLOCK) {
      const first = quarter * columns + column;
      addBlock(dst + (first << 3), first, min(BLOCK, to - column), n, src, words, shift, bits, cut);
    }
  }
  release(mark);
}

/** Digits [first, first + count) of it. */
function addBlock(
  dst: usize,
  first: usize,
  count: usize,
  n: usize,
  src: usize,
  words: usize,
  shift: usize,
  bits: u32,
  cut: usize,
): void {
  const end = shift + digitCount(words, bits);
  let negative = false;
  for (let at = first; at < end; at += n, negative = !negative) {
    if (at + count <= shift) continue;
    const skipped = at < shift ? shift - at : 0;
    const left = count - skipped;
    cutDigits(cut, src, words << 3, bits, (at + skipped - shift) >> 3, left >> 3, REPLACE);
    if (negative) subtractDigits(dst + (skipped << 3), cut, left);
    else addDigits(dst + (skipped << 3), cut, left);
  }
}

function addDigits(dst: usize, cut: usize, count: usize): void {
  for (const end = dst + (count << 3); dst < end; dst += 16, cut += 8) {
    v128.store(dst, f64x2.add(v128.load(dst), f64x2.convert_low_i32x4_s(v128.load64_zero(cut))));
  }
}

function subtractDigits(dst: usize, cut: usize, count: usize): void {
  for (const end = dst + (count << 3); dst < end; dst += 16, cut += 8) {
    v128.store(dst, f64x2.sub(v128.load(dst), f64x2.convert_low_i32x4_s(v128.load64_zero(cut))));
  }
}

/** Words of a part, and of all of them: transforms are long enough for both to be whole. */
function partWords(plan: Plan, part: u32): usize {
  return (partSize(plan, part) * <usize>plan.digitBits) >> 6;
}

export function modulusWords(plan: Plan): usize {
  return (plan.total * <usize>plan.digitBits) >> 6;
}

/**
 * Takes away from the number at `dst` what it has of M, a word with the sign standing behind: as M is a power of B and much smaller
 * ones, that is the quotient by that power, rounded for a `small` result and else rounded down. What is left has `modulusWords` words.
 */
export function removeModulus(dst: usize, plan: Plan, small: bool): void {
  const count = modulusWords(plan);
  const half = small ? load<u64>(dst + ((count - 1) << 3)) >> 63 : 0;
  const times = load<i64>(dst + (count << 3)) + <i64>half;
  if (times === 0) return;
  const powers = (<u32>1) << plan.partCount;
  for (let power: u32 = 0; power + 1 < powers; power++) {
    let at: usize = 0;
    for (let part: u32 = 0; part < plan.partCount; part++) {
      if ((power & (1 << part)) !== 0) at += partWords(plan, part);
    }
    if (times > 0) subtractBorrow(dst + (at << 3), count - at, <u64>times);
    else addCarry(dst + (at << 3), count - at, <u64>-times);
  }
}
