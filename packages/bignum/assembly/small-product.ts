/**
 * Schoolbook products for numbers of up to about 800 decimal digits. Limbs of 28 bits stand in 32-bit lanes; four limbs of one number
 * meet four of the other at a time, 64-bit columns add up to 256 products without a carry.
 */
import { allocate, release, stackTop } from './stack';
import { addProductByWord, multiplyByWord, zeroWords } from './words';

const LIMB_BITS: u64 = 28;
const LIMB_MASK: u64 = 0xfffffff;
/** Zero limbs on both sides of the inner number, which vector loads may touch. */
const PADDING: usize = 16;

/** Columns can hold the sums of this many products. */
export const MOST_SMALL_WORDS: usize = 100;

/** 28-bit limbs, rounded up to a multiple of four, that hold `words` words. */
function limbCount(words: usize): usize {
  return (((words << 6) + 111) / 112) << 2;
}

/** Limbs of a number, zeros behind its end up to `count`. */
function splitLimbs(dst: usize, src: usize, words: usize, count: usize): void {
  const whole = ((words << 3) - 1) / 7;
  const end = dst + (count << 2);
  for (let i: usize = 0; i < whole; i++, dst += 8, src += 7) {
    const bits = load<u64>(src);
    store<u64>(dst, (bits & LIMB_MASK) | (((bits >> LIMB_BITS) & LIMB_MASK) << 32));
  }
  // What is left of the last word: at most eight bytes.
  const left = (words << 3) - whole * 7;
  const bits = left > 0 ? load<u64>(src + left - 8) >> <u64>(64 - (left << 3)) : 0;
  store<u32>(dst, <u32>(bits & LIMB_MASK));
  store<u32>(dst, <u32>((bits >> LIMB_BITS) & LIMB_MASK), 4);
  store<u32>(dst, <u32>(bits >> (2 * LIMB_BITS)), 8);
  for (dst += 12; dst < end; dst += 4) store<u32>(dst, 0);
}

function accumulateColumns(columns: usize, a: usize, countA: usize, b: usize, countB: usize): void {
  for (let i: usize = 0; i < countA; i += 4) {
    const x0 = v128.load32_splat(a + (i << 2));
    const x1 = v128.load32_splat(a + (i << 2), 4);
    const x2 = v128.load32_splat(a + (i << 2), 8);
    const x3 = v128.load32_splat(a + (i << 2), 12);
    let column = columns + (i << 3);
    const end = b + (countB << 2) + 16;
    for (let q = b; q < end; q += 16, column += 32) {
      const y0 = v128.load(q);
      const y1 = v128.load(q - 4);
      const y2 = v128.load(q - 8);
      const y3 = v128.load(q - 12);
      const low01 = i64x2.add(i64x2.extmul_low_i32x4_u(x0, y0), i64x2.extmul_low_i32x4_u(x1, y1));
      const low23 = i64x2.add(i64x2.extmul_low_i32x4_u(x2, y2), i64x2.extmul_low_i32x4_u(x3, y3));
      const high01 = i64x2.add(i64x2.extmul_high_i32x4_u(x0, y0), i64x2.extmul_high_i32x4_u(x1, y1));
      const high23 = i64x2.add(i64x2.extmul_high_i32x4_u(x2, y2), i64x2.extmul_high_i32x4_u(x3, y3));
      v128.store(column, i64x2.add(v128.load(column), i64x2.add(low01, low23)));
      v128.store(column, i64x2.add(v128.load(column, 16), i64x2.add(high01, high23)), 16);
    }
  }
}

function packColumns(dst: usize, words: usize, columns: usize): void {
  let carry: u64 = 0;
  let word: u64 = 0;
  let filled: u64 = 0;
  const end = dst + (words << 3);
  while (dst < end) {
    carry += load<u64>(columns);
    columns += 8;
    const limb = carry & LIMB_MASK;
    carry >>= LIMB_BITS;
    word |= limb << filled;
    filled += LIMB_BITS;
    if (filled >= 64) {
      store<u64>(dst, word);
      dst += 8;
      filled -= 64;
      word = limb >> (LIMB_BITS - filled);
    }
  }
}

/** dst = a b, countA + countB words, by 28-bit limbs. dst overlaps neither. Each count from 1 to MOST_SMALL_WORDS. */
export function multiplySmall(dst: usize, a: usize, wordsA: usize, b: usize, wordsB: usize): void {
  const mark = stackTop();
  const countA = limbCount(wordsA);
  const countB = limbCount(wordsB);
  const limbsA = allocate((countA << 2) + 16);
  const padded = allocate((countB << 2) + 2 * PADDING + 32);
  const limbsB = padded + PADDING;
  const columns = allocate((countA + countB + 8) << 3);
  splitLimbs(limbsA, a, wordsA, countA);
  splitLimbs(limbsB, b, wordsB, countB);
  v128.store(padded, i64x2.splat(0));
  v128.store(limbsB + (countB << 2), i64x2.splat(0));
  v128.store(limbsB + (countB << 2), i64x2.splat(0), 16);
  zeroWords(columns, countA + countB + 8);
  accumulateColumns(columns, limbsA, countA, limbsB, countB);
  packColumns(dst, wordsA + wordsB, columns);
  release(mark);
}

/** dst = a b word by word: for a very short b. */
export function multiplyByFewWords(dst: usize, a: usize, wordsA: usize, b: usize, wordsB: usize): void {
  store<u64>(dst + (wordsA << 3), multiplyByWord(dst, a, wordsA, load<u64>(b)));
  for (let i: usize = 1; i < wordsB; i++) {
    const at = dst + (i << 3);
    store<u64>(at + (wordsA << 3), addProductByWord(at, a, wordsA, load<u64>(b + (i << 3))));
  }
}
