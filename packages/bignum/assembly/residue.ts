/**
 * Residues modulo p = 2^61 - 1. Since 2^61 = 1 modulo p, the words of a number are summed after rotations: eight lanes run at a
 * stride of eight words, 2^512 = 2^24 modulo p.
 */
import { loopConstant, RESIDUE_MASK } from './loop-constants';
import { RANK_SUMS } from './memory-map';
import { threadNumber } from './team';

const P: u64 = ((<u64>1) << 61) - 1;

function reduce(x: u64): u64 {
  const y = (x & P) + (x >> 61);
  return y >= P ? y - P : y;
}

/** x * 2^bits modulo p, for x < 2^63 and bits from 0 to 60. */
function rotate(x: u64, bits: u64): u64 {
  const y = reduce(x);
  return reduce(((y << bits) & P) + (y >> (61 - bits)));
}

export function addResidues(a: u64, b: u64): u64 {
  return reduce(a + b);
}

export function subtractResidues(a: u64, b: u64): u64 {
  return reduce(a + P - b);
}

export function multiplyResidues(a: u64, b: u64): u64 {
  const a0 = a & 0xffffffff;
  const a1 = a >> 32;
  const b0 = b & 0xffffffff;
  const b1 = b >> 32;
  const middle = reduce(a0 * b1) + reduce(a1 * b0);
  return reduce(reduce(a0 * b0) + rotate(middle, 32) + rotate(a1 * b1, 3));
}

/** 2^exponent modulo p. */
export function residueOfPowerOfTwo(exponent: u64): u64 {
  return rotate(1, exponent % 61);
}

/** base^exponent modulo p. */
export function residueOfPower(base: u64, exponent: u64): u64 {
  let result: u64 = 1;
  for (let square = base; exponent !== 0; exponent >>= 1) {
    if ((exponent & 1) !== 0) result = multiplyResidues(result, square);
    square = multiplyResidues(square, square);
  }
  return result;
}

/** 1 / a modulo p, by Fermat: a^(p - 2). */
export function inverseResidue(a: u64): u64 {
  return residueOfPower(a, P - 2);
}

export function reduceWord(word: u64): u64 {
  return reduce(word);
}

export function residueOfWords(src: usize, count: usize): u64 {
  const mask = loopConstant(RESIDUE_MASK);
  let s0 = i64x2.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  // From the top down (Horner), whole groups of eight words; the incomplete top group first.
  const groups = count >> 3;
  let tail: u64 = 0;
  for (let i = count; i > groups << 3; i--) {
    const word = load<u64>(src + ((i - 1) << 3));
    tail = reduce(rotate(tail, 3) + reduce(word));
  }
  for (let p = src + (groups << 6); p > src; ) {
    p -= 64;
    s0 = shiftAndAdd(s0, 24, v128.load(p), mask);
    s1 = shiftAndAdd(s1, 24, v128.load(p, 16), mask);
    s2 = shiftAndAdd(s2, 24, v128.load(p, 32), mask);
    s3 = shiftAndAdd(s3, 24, v128.load(p, 48), mask);
  }
  // Stored side by side, the upper one first: that is what makes V8 take them together, in the loop as well. Not on the stack, above which
  // the words may lie.
  const sums = RANK_SUMS + (threadNumber() << 6);
  v128.store(sums, s1, 16);
  v128.store(sums, s0);
  v128.store(sums, s3, 48);
  v128.store(sums, s2, 32);
  s0 = v128.load(sums);
  s1 = v128.load(sums, 16);
  s2 = v128.load(sums, 32);
  s3 = v128.load(sums, 48);
  // The lanes' pairs stand two words apart.
  s2 = shiftAndAdd(s3, 6, s2, mask);
  s1 = shiftAndAdd(s2, 6, s1, mask);
  s0 = shiftAndAdd(s1, 6, s0, mask);
  const low = reduce(i64x2.extract_lane(s0, 0));
  const high = rotate(i64x2.extract_lane(s0, 1), 3);
  return reduce(reduce(low + high) + rotate(tail, (<u64>groups * 512) % 61));
}

/** sum 2^bits + words modulo p; below 2^63 if the sum was. */
function shiftAndAdd(sum: v128, bits: i32, words: v128, mask: v128): v128 {
  const rotated = i64x2.add(v128.and(i64x2.shl(sum, bits), mask), i64x2.shr_u(sum, 61 - bits));
  return i64x2.add(rotated, i64x2.add(v128.and(words, mask), i64x2.shr_u(words, 61)));
}
