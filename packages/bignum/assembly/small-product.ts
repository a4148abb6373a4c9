/**
 * Schoolbook products of numbers of up to about 900 decimal digits, in doubles: signed digits of 24 bits, so that a column of up to
 * 128 products stays below 2^53 and every fused multiply-add is exact. Sixteen columns at a time stay in registers.
 */
import { cutDigits, REPLACE } from './digits';
import { allocate, release, stackTop } from './stack';
import { addProductByWord, multiplyByWord } from './words';

const BITS: u32 = 24;
/** Products that a column can sum up exactly: 128 * 2^23 * 2^23 = 2^53. */
export const MOST_TERMS: usize = 128;
/** Columns that are summed side by side, and zero digits on both sides of a number that they may touch. */
const COLUMNS: usize = 16;

/** Signed digits that hold `words` words, the carry of the last included. */
export function smallDigits(words: usize): usize {
  return ((words << 6) + 23) / 24 + 1;
}

/** The digits of a number as doubles, zeros on both sides; stays on the stack. */
export function cutSmall(src: usize, words: usize): usize {
  const groups = (smallDigits(words) + 7) >> 3;
  const digits = allocate(((groups << 3) + 2 * COLUMNS) << 3) + (COLUMNS << 3);
  const end = digits + (groups << 6);
  memory.fill(digits - (COLUMNS << 3), 0, COLUMNS << 3);
  memory.fill(end, 0, COLUMNS << 3);
  // The integers go to the upper half of the doubles' place, from where they are widened front to back.
  let from = digits + (groups << 5);
  cutDigits(from, src, words << 3, BITS, 0, groups, REPLACE);
  for (let to = digits; to < end; to += 32, from += 16) {
    const four = v128.load(from);
    v128.store(to, f64x2.convert_low_i32x4_s(four));
    v128.store(to, f64x2.convert_low_i32x4_s(v128.shuffle<i32>(four, four, 2, 3, 0, 1)), 16);
  }
  return digits;
}

/** Columns of a product of that many digits. */
export function smallColumns(digitsA: usize, digitsB: usize): usize {
  return (digitsA + digitsB + COLUMNS - 1) & ~(COLUMNS - 1);
}

/** columns = a b, or += with `add`; digits from cutSmall, the sums of both products within MOST_TERMS. */
export function convolve(
  columns: usize,
  a: usize,
  digitsA: usize,
  b: usize,
  digitsB: usize,
  add: bool,
): void {
  const total = smallColumns(digitsA, digitsB);
  const zero = f64x2.splat(0);
  for (let column: usize = 0; column < total; column += COLUMNS) {
    const out = columns + (column << 3);
    let c0 = zero;
    let c1 = zero;
    let c2 = zero;
    let c3 = zero;
    let c4 = zero;
    let c5 = zero;
    let c6 = zero;
    let c7 = zero;
    if (add) {
      c0 = v128.load(out);
      c1 = v128.load(out, 16);
      c2 = v128.load(out, 32);
      c3 = v128.load(out, 48);
      c4 = v128.load(out, 64);
      c5 = v128.load(out, 80);
      c6 = v128.load(out, 96);
      c7 = v128.load(out, 112);
    }
    const first = column + 1 > digitsB ? column + 1 - digitsB : 0;
    const end = a + (min(digitsA, column + COLUMNS) << 3);
    let q = b + ((column - first) << 3);
    for (let p = a + (first << 3); p < end; p += 8, q -= 8) {
      const x = v128.load64_splat(p);
      c0 = f64x2.relaxed_madd(x, v128.load(q), c0);
      c1 = f64x2.relaxed_madd(x, v128.load(q, 16), c1);
      c2 = f64x2.relaxed_madd(x, v128.load(q, 32), c2);
      c3 = f64x2.relaxed_madd(x, v128.load(q, 48), c3);
      c4 = f64x2.relaxed_madd(x, v128.load(q, 64), c4);
      c5 = f64x2.relaxed_madd(x, v128.load(q, 80), c5);
      c6 = f64x2.relaxed_madd(x, v128.load(q, 96), c6);
      c7 = f64x2.relaxed_madd(x, v128.load(q, 112), c7);
    }
    v128.store(out, c0);
    v128.store(out, c1, 16);
    v128.store(out, c2, 32);
    v128.store(out, c3, 48);
    v128.store(out, c4, 64);
    v128.store(out, c5, 80);
    v128.store(out, c6, 96);
    v128.store(out, c7, 112);
  }
}

const MASK: i64 = 0xffffff;

/** `words` words (up to two more are written) from columns, eight digits to three words. */
export function packColumns(dst: usize, words: usize, columns: usize): void {
  let carry: i64 = 0;
  const end = dst + (words << 3);
  for (; dst < end; dst += 24, columns += 64) {
    carry += <i64>load<f64>(columns);
    const d0 = carry & MASK;
    carry = (carry >> 24) + <i64>load<f64>(columns, 8);
    const d1 = carry & MASK;
    carry = (carry >> 24) + <i64>load<f64>(columns, 16);
    const d2 = carry & MASK;
    carry = (carry >> 24) + <i64>load<f64>(columns, 24);
    const d3 = carry & MASK;
    carry = (carry >> 24) + <i64>load<f64>(columns, 32);
    const d4 = carry & MASK;
    carry = (carry >> 24) + <i64>load<f64>(columns, 40);
    const d5 = carry & MASK;
    carry = (carry >> 24) + <i64>load<f64>(columns, 48);
    const d6 = carry & MASK;
    carry = (carry >> 24) + <i64>load<f64>(columns, 56);
    const d7 = carry & MASK;
    carry >>= 24;
    store<i64>(dst, d0 | (d1 << 24) | (d2 << 48));
    store<i64>(dst, (d2 >> 16) | (d3 << 8) | (d4 << 32) | (d5 << 56), 8);
    store<i64>(dst, (d5 >> 8) | (d6 << 16) | (d7 << 40), 16);
  }
}

/** A buffer for the columns of a product of so many words, zeros behind what `convolve` writes. */
export function allocateColumns(words: usize): usize {
  const count = smallDigits(words) + 3 * COLUMNS;
  const columns = allocate(count << 3);
  memory.fill(columns + ((count - 3 * COLUMNS) << 3) - 64, 0, ((3 * COLUMNS) << 3) + 64);
  return columns;
}

/** dst = a b, for numbers whose shorter one has at most MOST_TERMS digits; dst has room for two words more and overlaps neither. */
export function multiplySmall(dst: usize, a: usize, wordsA: usize, b: usize, wordsB: usize): void {
  const mark = stackTop();
  const digitsA = cutSmall(a, wordsA);
  const digitsB = a === b && wordsA === wordsB ? digitsA : cutSmall(b, wordsB);
  const columns = allocateColumns(wordsA + wordsB);
  convolve(columns, digitsA, smallDigits(wordsA), digitsB, smallDigits(wordsB), false);
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
