/**
 * Cutting numbers into signed digits. Digit i is bits [i b, (i+1) b) read as a signed number, plus one when digit i-1 was negative:
 * each digit depends on its neighbour's top bit only, so that there is no carry to wait for. |digit| <= 2^(b-1).
 *
 * Digits come in groups of eight, b bytes each; two 16-byte loads hold a group, and a swizzle, a multiplication (a shift left by a
 * lane's own count) and a shift right leave one digit in each lane.
 */
import { MAX_DIGIT_BITS, MIN_DIGIT_BITS } from './carry-passes';
import { DIGIT_CUTS, RANK_TAILS } from './memory-map';
import { threadNumber } from './team';

const CUT_BYTES: usize = 64;
const TAIL_BYTES: usize = 512;

/** Tables for every digit size: two swizzles and two multipliers. */
export function buildDigitCuts(): void {
  for (let bits = MIN_DIGIT_BITS; bits <= MAX_DIGIT_BITS; bits++) {
    const cut = DIGIT_CUTS + <usize>bits * CUT_BYTES;
    for (let digit: u32 = 0; digit < 8; digit++) {
      const position = digit * bits - (digit < 4 ? 0 : secondOffset(bits) * 8);
      const lane = <usize>digit * 4;
      for (let byte: u32 = 0; byte < 4; byte++) store<u8>(cut + lane + byte, <u8>((position >> 3) + byte));
      store<u32>(cut + 32 + lane, (<u32>1) << (32 - bits - (position & 7)));
    }
  }
}

/** Byte of a group where the load for its last four digits begins. */
function secondOffset(bits: u32): u32 {
  return (4 * bits) >> 3;
}

export const REPLACE: i32 = 0;
export const ADD: i32 = 1;
export const SUBTRACT: i32 = 2;

/**
 * Digits [8 group, 8 (group + count)) of the number at `src`, as i32 to `dst`: written, added or subtracted. Digits beyond its end
 * (`bytes`) are zero; count is at most 64.
 */
export function cutDigits(
  dst: usize,
  src: usize,
  bytes: usize,
  bits: u32,
  group: usize,
  count: usize,
  mode: i32,
): void {
  const step = <usize>bits;
  const from = src + group * step;
  const before = group > 0 ? step : 0;
  const lastRead = from + (count - 1) * step + <usize>secondOffset(bits) + 16;
  if (lastRead > src + bytes) {
    cutPaddedDigits(dst, from - before, before, src + bytes, bits, count, mode);
    return;
  }
  cutGroups(dst, from, before, bits, count, mode);
}

/** The same near the end of a number, a few groups at a time from a zero-padded copy. */
function cutPaddedDigits(
  dst: usize,
  from: usize,
  before: usize,
  end: usize,
  bits: u32,
  count: usize,
  mode: i32,
): void {
  const copy = RANK_TAILS + threadNumber() * TAIL_BYTES;
  const step = <usize>bits;
  while (count > 0) {
    const groups = min<usize>(count, 16);
    const wanted = before + groups * step + 32;
    const there = from < end ? min(wanted, end - from) : 0;
    memory.copy(copy, from, there);
    memory.fill(copy + there, 0, wanted - there);
    cutGroups(dst, copy + before, before, bits, groups, mode);
    dst += groups << 5;
    from += before + groups * step - step;
    before = step;
    count -= groups;
  }
}

function cutGroups(dst: usize, src: usize, before: usize, bits: u32, count: usize, mode: i32): void {
  const cut = DIGIT_CUTS + <usize>bits * CUT_BYTES;
  const swizzle0 = v128.load(cut);
  const swizzle1 = v128.load(cut, 16);
  const factor0 = v128.load(cut, 32);
  const factor1 = v128.load(cut, 48);
  const second = <usize>secondOffset(bits);
  const right = <i32>(32 - bits);
  const step = <usize>bits;
  let previous = i32x4.splat(0);
  if (before > 0) {
    const high = i32x4.mul(i8x16.relaxed_swizzle(v128.load(src - before + second), swizzle1), factor1);
    previous = i32x4.shr_s(high, 31);
  }
  const end = dst + (count << 5);
  while (dst < end) {
    const low = i32x4.mul(i8x16.relaxed_swizzle(v128.load(src), swizzle0), factor0);
    const high = i32x4.mul(i8x16.relaxed_swizzle(v128.load(src + second), swizzle1), factor1);
    const lowSigns = i32x4.shr_s(low, 31);
    const highSigns = i32x4.shr_s(high, 31);
    const digits0 = i32x4.sub(i32x4.shr_s(low, right), v128.shuffle<i32>(previous, lowSigns, 3, 4, 5, 6));
    const digits1 = i32x4.sub(i32x4.shr_s(high, right), v128.shuffle<i32>(lowSigns, highSigns, 3, 4, 5, 6));
    if (mode === REPLACE) {
      v128.store(dst, digits0);
      v128.store(dst, digits1, 16);
    } else if (mode === ADD) {
      v128.store(dst, i32x4.add(v128.load(dst), digits0));
      v128.store(dst, i32x4.add(v128.load(dst, 16), digits1), 16);
    } else {
      v128.store(dst, i32x4.sub(v128.load(dst), digits0));
      v128.store(dst, i32x4.sub(v128.load(dst, 16), digits1), 16);
    }
    previous = highSigns;
    src += step;
    dst += 32;
  }
}
