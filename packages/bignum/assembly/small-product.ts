/**
 * Schoolbook products of short numbers in doubles: signed digits of 24 bits, so that a column of up to 127 products stays below 2^53 and
 * every fused multiply-add is exact; before more are added, what a column has above 24 bits goes to the next one. Sixteen columns at a
 * time stay in registers.
 */
import { BASE, BASE_INVERSE, loopConstant, ROUNDER } from './loop-constants';
import { allocate, release, stackTop } from './stack';
import { addProductByWord, multiplyByWord } from './words';

const BITS: u32 = 24;
/** Products that a column can sum up exactly, beside what is left of earlier ones: 127 * 2^23 * 2^23 + 2^23 + 2 * 2^29 < 2^53. */
const MOST_TERMS: usize = 127;
/** Columns that are summed side by side, and zero digits on both sides of a number that they may touch. */
const COLUMNS: usize = 16;

/** Signed digits that hold `words` words, the carry of the last included. */
export function smallDigits(words: usize): usize {
  return ((words << 6) + 23) / 24 + 1;
}

/** The digits of a number as doubles, zeros on both sides; stays on the stack. */
export function cutSmall(src: usize, words: usize): usize {
  const bytes = words << 3;
  const whole = bytes / FOUR_BYTES;
  const place = allocate(((whole + 1) << 5) + ((2 * COLUMNS) << 3));
  zeroColumns(place, COLUMNS);
  const digits = place + (COLUMNS << 3);
  let to = digits;
  let signs = i32x4.splat(0);
  for (const end = digits + (whole << 5); to < end; to += 32, src += FOUR_BYTES) {
    signs = storeFour(to, v128.load(src), signs);
  }
  // 0, 4 or 8 bytes are left, of a word's 32 bits each; behind them are zeros.
  const rest = bytes - whole * FOUR_BYTES;
  const kept = i64x2.replace_lane(i64x2.splat(0), 0, rest === 0 ? 0 : rest === 4 ? 0xffffffff : -1);
  storeFour(to, v128.and(v128.load(src), kept), signs);
  zeroColumns(to + 32, COLUMNS);
  return digits;
}

/** Bytes of four digits. */
const FOUR_BYTES: usize = 12;

/** Four digits, each the signed bits and one more where the digit before was negative; returns the signs for those that follow. */
function storeFour(to: usize, bytes: v128, before: v128): v128 {
  const high = v128.shuffle<u8>(bytes, bytes, 0, 0, 1, 2, 0, 3, 4, 5, 0, 6, 7, 8, 0, 9, 10, 11);
  const signs = i32x4.shr_s(high, 31);
  const four = i32x4.sub(i32x4.shr_s(high, 32 - BITS), v128.shuffle<i32>(before, signs, 3, 4, 5, 6));
  v128.store(to, f64x2.convert_low_i32x4_s(four));
  v128.store(to, f64x2.convert_low_i32x4_s(v128.shuffle<i32>(four, four, 2, 3, 0, 1)), 16);
  return signs;
}

/** An even number of zeros. */
function zeroColumns(at: usize, count: usize): void {
  const zero = f64x2.splat(0);
  for (const end = at + (count << 3); at < end; at += 16) v128.store(at, zero);
}

/** Columns of a product of that many digits. */
export function smallColumns(digitsA: usize, digitsB: usize): usize {
  return (digitsA + digitsB + COLUMNS - 1) & ~(COLUMNS - 1);
}

/** columns = a b, or += with `add`; digits from cutSmall. */
export function convolve(
  columns: usize,
  a: usize,
  digitsA: usize,
  b: usize,
  digitsB: usize,
  add: bool,
): void {
  if (digitsA > digitsB) {
    convolve(columns, b, digitsB, a, digitsA, add);
    return;
  }
  const total = smallColumns(digitsA, digitsB);
  // As many digits of the shorter factor at a time as a column can take, in whole blocks of columns.
  const most = MOST_TERMS & ~(COLUMNS - 1);
  const parts = digitsA <= MOST_TERMS ? 1 : (digitsA + most - 1) / most;
  const step = parts === 1 ? digitsA : ((digitsA + parts - 1) / parts + COLUMNS - 1) & ~(COLUMNS - 1);
  if (parts > 1 && !add) {
    const written = smallColumns(step, digitsB);
    zeroColumns(columns + (written << 3), total - written);
  }
  for (let from: usize = 0; from < digitsA; from += step) {
    if (add) settleColumns(columns, total);
    convolvePart(columns + (from << 3), a + (from << 3), min(step, digitsA - from), b, digitsB, add);
    add = true;
  }
}

/** Leaves of each column 24 bits, and what it has above goes to the next. */
function settleColumns(columns: usize, count: usize): void {
  const magic = loopConstant(ROUNDER);
  const up = loopConstant(BASE);
  const down = loopConstant(BASE_INVERSE);
  let before = f64x2.splat(0);
  const end = columns + (count << 3);
  for (let at = columns; at < end; at += 16) {
    const sums = v128.load(at);
    const high = f64x2.sub(f64x2.relaxed_madd(sums, down, magic), magic);
    const low = f64x2.relaxed_nmadd(high, up, sums);
    v128.store(at, f64x2.add(low, v128.shuffle<f64>(before, high, 1, 2)));
    before = high;
  }
  store<f64>(end, load<f64>(end) + f64x2.extract_lane(before, 1));
}

/** The shorter factor, a, has at most MOST_TERMS digits; columns that are added to are settled. */
function convolvePart(columns: usize, a: usize, digitsA: usize, b: usize, digitsB: usize, add: bool): void {
  const total = smallColumns(digitsA, digitsB);
  const zero = f64x2.splat(0);
  for (let column: usize = 0; column < total; column += COLUMNS) {
    const out = columns + (column << 3) - 16;
    let c0 = zero;
    let c1 = zero;
    let c2 = zero;
    let c3 = zero;
    let c4 = zero;
    let c5 = zero;
    let c6 = zero;
    let c7 = zero;
    const first = column + 1 > digitsB ? column + 1 - digitsB : 0;
    const end = a + (min(digitsA, column + COLUMNS) << 3);
    let q = b + ((column - first) << 3) - 16;
    for (let p = a + (first << 3); p < end; p += 8, q -= 8) {
      const x = v128.load64_splat(p);
      c0 = f64x2.relaxed_madd(x, v128.load(q, 16), c0);
      c1 = f64x2.relaxed_madd(x, v128.load(q, 32), c1);
      c2 = f64x2.relaxed_madd(x, v128.load(q, 48), c2);
      c3 = f64x2.relaxed_madd(x, v128.load(q, 64), c3);
      c4 = f64x2.relaxed_madd(x, v128.load(q, 80), c4);
      c5 = f64x2.relaxed_madd(x, v128.load(q, 96), c5);
      c6 = f64x2.relaxed_madd(x, v128.load(q, 112), c6);
      c7 = f64x2.relaxed_madd(x, v128.load(q, 128), c7);
    }
    // Not before the loop: V8's revectoriser would leave the first pair alone.
    if (add) {
      c0 = f64x2.add(c0, v128.load(out, 16));
      c1 = f64x2.add(c1, v128.load(out, 32));
      c2 = f64x2.add(c2, v128.load(out, 48));
      c3 = f64x2.add(c3, v128.load(out, 64));
      c4 = f64x2.add(c4, v128.load(out, 80));
      c5 = f64x2.add(c5, v128.load(out, 96));
      c6 = f64x2.add(c6, v128.load(out, 112));
      c7 = f64x2.add(c7, v128.load(out, 128));
    }
    v128.store(out, c1, 32);
    v128.store(out, c0, 16);
    v128.store(out, c3, 64);
    v128.store(out, c2, 48);
    v128.store(out, c5, 96);
    v128.store(out, c4, 80);
    v128.store(out, c7, 128);
    v128.store(out, c6, 112);
  }
}

const MASK: i64 = 0xffffffffffff;

/**
 * Two numbers from two columns each: of every column what it has above 24 bits, plus 1.5 * 2^52, is told beside it, and goes to the next
 * one; of the odd ones, to the pair behind.
 */
function joinPairs(even: v128, evenHigh: v128, odd: v128, oddHigh: v128, before: v128): v128 {
  const magic = loopConstant(ROUNDER);
  const up = loopConstant(BASE);
  const low = f64x2.relaxed_nmadd(f64x2.sub(evenHigh, magic), up, even);
  const high = f64x2.relaxed_nmadd(f64x2.sub(oddHigh, magic), up, odd);
  const lowBits = f64x2.add(low, v128.shuffle<f64>(before, oddHigh, 1, 2));
  return i64x2.sub(i64x2.add(lowBits, i64x2.shl(f64x2.add(high, evenHigh), BITS)), magic);
}

/**
 * `words` words (up to two more are written) from columns, eight digits to three words. What a column has above its own 24 bits, up to
 * 2^29, first goes to the next one; then two columns fit an integer, and there is one carry to wait for in 48 bits.
 */
export function packColumns(dst: usize, words: usize, columns: usize): void {
  const magic = loopConstant(ROUNDER);
  const down = loopConstant(BASE_INVERSE);
  let before = magic;
  let carry: i64 = 0;
  const end = dst + (words << 3);
  for (; dst < end; dst += 24, columns += 64) {
    const even0 = v128.shuffle<f64>(v128.load(columns), v128.load(columns, 16), 0, 2);
    const odd0 = v128.shuffle<f64>(v128.load(columns), v128.load(columns, 16), 1, 3);
    const even1 = v128.shuffle<f64>(v128.load(columns, 32), v128.load(columns, 48), 0, 2);
    const odd1 = v128.shuffle<f64>(v128.load(columns, 32), v128.load(columns, 48), 1, 3);
    const oddHigh0 = f64x2.relaxed_madd(odd0, down, magic);
    const oddHigh1 = f64x2.relaxed_madd(odd1, down, magic);
    const pairs0 = joinPairs(even0, f64x2.relaxed_madd(even0, down, magic), odd0, oddHigh0, before);
    const pairs1 = joinPairs(even1, f64x2.relaxed_madd(even1, down, magic), odd1, oddHigh1, oddHigh0);
    before = oddHigh1;
    carry += i64x2.extract_lane(pairs0, 0);
    const d0 = carry & MASK;
    carry = (carry >> 48) + i64x2.extract_lane(pairs0, 1);
    const d1 = carry & MASK;
    carry = (carry >> 48) + i64x2.extract_lane(pairs1, 0);
    const d2 = carry & MASK;
    carry = (carry >> 48) + i64x2.extract_lane(pairs1, 1);
    store<i64>(dst, d0 | (d1 << 48));
    store<i64>(dst, (d1 >> 16) | (d2 << 32), 8);
    store<i64>(dst, (d2 >> 32) | (carry << 16), 16);
    carry >>= 48;
  }
}

/** A buffer for the columns of a product of so many words, zeros behind what `convolve` writes. */
export function allocateColumns(words: usize): usize {
  const count = smallDigits(words);
  const columns = allocate((count + 3 * COLUMNS) << 3);
  zeroColumns(columns + (((count - 4) & ~(<usize>1)) << 3), 3 * (COLUMNS >> 1));
  return columns;
}

/** dst = a b; dst has room for two words more and overlaps neither. */
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
