/**
 * The ends of a transform. At the start, digits become vectors: the first two levels of the tree of x^(4M) + 1 are taken on real
 * digits, which leaves two complex subtrees, one a SIMD lane. With h = 1/sqrt(2), u = h (x1 - x3), v = h (x1 + x3):
 * lanes are (x0 + u) + i (x2 + v) and (x0 - u) - i (v - x2). At the end the way back, rounding to integers, watching the error.
 */
import { ADD, cutDigits, REPLACE, SUBTRACT } from './digits';
import { FIRST_IM, SECOND_IM, SECOND_RE } from './fft-passes';
import { HALF, HALF_SQRT_HALF, loopConstant, ROUNDER, SQRT_HALF } from './loop-constants';
import { RANK_ERRORS } from './memory-map';
import { allocate, release, stackTop } from './stack';
import { rank, shareStart, threadNumber } from './team';

/** Digits of a column block: four streams of it stay in the first-level cache. */
const BLOCK: usize = 512;
/** Groups of eight digits that are cut at a time. */
const CUT_GROUPS: usize = 64;

/** Columns [from, to) of x^n + 1, n = 4 columns, from the number at `src`, folded and through the first two levels. */
export function loadColumns(
  dst: usize,
  n: usize,
  from: usize,
  to: usize,
  src: usize,
  words: usize,
  bits: u32,
  digits: usize,
): void {
  const columns = n >> 2;
  const mark = stackTop();
  const streams = allocate(BLOCK * 16);
  const halfEmpty = digits <= n >> 1;
  const used: usize = halfEmpty ? 2 : 4;
  for (let column = from; column < to; column += BLOCK) {
    const count = min(BLOCK, to - column);
    for (let stream: usize = 0; stream < used; stream++) {
      foldStream(
        streams + stream * (BLOCK << 2),
        src,
        words << 3,
        bits,
        digits,
        n,
        column + stream * columns,
        count,
      );
    }
    const out = dst + (column << 5);
    if (halfEmpty) loadTwo(out, streams, BLOCK << 2, count);
    else loadFour(out, streams, BLOCK << 2, count);
  }
  release(mark);
}

/** Room for digits that are cut once for all parts, the longest of `n` digits: zeros follow as far as `loadCut` reads. */
export function cutRoom(n: usize, digits: usize): usize {
  return max(n, digits + BLOCK);
}

/** This rank's share of the digits of a number, as i32. */
export function cutNumber(cut: usize, n: usize, src: usize, words: usize, bits: u32, digits: usize): void {
  const groups = (digits + 7) >> 3;
  const to = shareStart(groups, CUT_GROUPS, rank() + 1);
  for (let group = shareStart(groups, CUT_GROUPS, rank()); group < to; group += CUT_GROUPS) {
    cutDigits(cut + (group << 5), src, words << 3, bits, group, min(CUT_GROUPS, to - group), REPLACE);
  }
  if (rank() === 0) memory.fill(cut + (groups << 5), 0, (cutRoom(n, digits) << 2) - (groups << 5));
}

/** The same as `loadColumns` from digits that `cutNumber` has cut. */
export function loadCut(dst: usize, n: usize, from: usize, to: usize, cut: usize, digits: usize): void {
  const columns = n >> 2;
  if (digits <= n) {
    // Nothing to fold.
    const out = dst + (from << 5);
    if (digits <= n >> 1) loadTwo(out, cut + (from << 2), columns << 2, to - from);
    else loadFour(out, cut + (from << 2), columns << 2, to - from);
    return;
  }
  const mark = stackTop();
  const streams = allocate(BLOCK * 16);
  for (let column = from; column < to; column += BLOCK) {
    const count = min(BLOCK, to - column);
    for (let stream: usize = 0; stream < 4; stream++) {
      foldCut(streams + stream * (BLOCK << 2), cut, digits, n, column + stream * columns, count);
    }
    loadFour(dst + (column << 5), streams, BLOCK << 2, count);
  }
  release(mark);
}

/** Digits [first, first + count) modulo x^n + 1, for first < n < digits. */
function foldCut(dst: usize, cut: usize, digits: usize, n: usize, first: usize, count: usize): void {
  memory.copy(dst, cut + (first << 2), count << 2);
  const end = dst + (count << 2);
  let negative = true;
  for (let at = first + n; at < digits; at += n) {
    let p = cut + (at << 2);
    for (let d = dst; d < end; d += 16, p += 16) {
      const x = v128.load(d);
      const y = v128.load(p);
      v128.store(d, negative ? i32x4.sub(x, y) : i32x4.add(x, y));
    }
    negative = !negative;
  }
}

/** Digits [first, first + count) of the number modulo x^n + 1. */
function foldStream(
  dst: usize,
  src: usize,
  bytes: usize,
  bits: u32,
  digits: usize,
  n: usize,
  first: usize,
  count: usize,
): void {
  if (first >= digits) {
    memory.fill(dst, 0, count << 2);
    return;
  }
  let mode = REPLACE;
  for (let at = first; at < digits; at += n) {
    cutDigits(dst, src, bytes, bits, at >> 3, count >> 3, mode);
    mode = mode === SUBTRACT ? ADD : SUBTRACT;
  }
}

function asDoubles(src: usize): v128 {
  return f64x2.convert_low_i32x4_s(v128.load64_zero(src));
}

/** `count` columns from digits of two, or of four, streams that stand `stride` bytes apart. */
function loadTwo(dst: usize, streams: usize, stride: usize, count: usize): void {
  const h = loopConstant(SQRT_HALF);
  const end = dst + (count << 5);
  while (dst < end) {
    const x0 = asDoubles(streams);
    const y = f64x2.mul(asDoubles(streams + stride), h);
    storePair(dst, f64x2.add(x0, y), f64x2.sub(x0, y), y, f64x2.neg(y));
    streams += 8;
    dst += 64;
  }
}

function loadFour(dst: usize, streams: usize, stride: usize, count: usize): void {
  const h = loopConstant(SQRT_HALF);
  const second = stride << 1;
  const third = second + stride;
  const end = dst + (count << 5);
  while (dst < end) {
    const x0 = asDoubles(streams);
    const x1 = asDoubles(streams + stride);
    const x2 = asDoubles(streams + second);
    const x3 = asDoubles(streams + third);
    const u = f64x2.sub(x1, x3);
    const v = f64x2.add(x1, x3);
    storePair(
      dst,
      f64x2.relaxed_madd(u, h, x0),
      f64x2.relaxed_nmadd(u, h, x0),
      f64x2.relaxed_madd(v, h, x2),
      f64x2.relaxed_nmadd(v, h, x2),
    );
    streams += 8;
    dst += 64;
  }
}

/** Two vectors from the values of two neighbouring columns in each lane's subtree. */
function storePair(dst: usize, reA: v128, reB: v128, imA: v128, imB: v128): void {
  v128.store(dst, v128.shuffle<f64>(reA, reB, 0, 2));
  v128.store(dst + SECOND_RE, v128.shuffle<f64>(reA, reB, 1, 3));
  v128.store(dst + FIRST_IM, v128.shuffle<f64>(imA, imB, 0, 2));
  v128.store(dst + SECOND_IM, v128.shuffle<f64>(imA, imB, 1, 3));
}

/** Columns [from, to) back to n = 4 columns rounded digits (doubles) at `dst`; the rounding error goes to this rank's slot. */
export function storeColumns(dst: usize, src: usize, n: usize, from: usize, to: usize): void {
  const columns = n >> 2;
  const h = loopConstant(HALF_SQRT_HALF);
  const half = loopConstant(HALF);
  const rounder = loopConstant(ROUNDER);
  const stride = columns << 3;
  let d0 = dst + (from << 3);
  let d1 = d0 + stride;
  let d2 = d1 + stride;
  let d3 = d2 + stride;
  let worst = f64x2.splat(0);
  for (let p = src + (from << 5), end = src + (to << 5); p < end; p += 64) {
    const re0 = v128.load(p);
    const re1 = v128.load(p + SECOND_RE);
    const im0 = v128.load(p + FIRST_IM);
    const im1 = v128.load(p + SECOND_IM);
    const reA = v128.shuffle<f64>(re0, re1, 0, 2);
    const reB = v128.shuffle<f64>(re0, re1, 1, 3);
    const imA = v128.shuffle<f64>(im0, im1, 0, 2);
    const imB = v128.shuffle<f64>(im0, im1, 1, 3);
    const u = f64x2.sub(reA, reB);
    const v = f64x2.sub(imA, imB);
    const s0 = f64x2.add(reA, reB);
    const s1 = f64x2.add(u, v);
    const s2 = f64x2.add(imA, imB);
    const s3 = f64x2.sub(v, u);
    const y0 = f64x2.sub(f64x2.relaxed_madd(s0, half, rounder), rounder);
    const y1 = f64x2.sub(f64x2.relaxed_madd(s1, h, rounder), rounder);
    const y2 = f64x2.sub(f64x2.relaxed_madd(s2, half, rounder), rounder);
    const y3 = f64x2.sub(f64x2.relaxed_madd(s3, h, rounder), rounder);
    const e0 = f64x2.abs(f64x2.relaxed_nmadd(s0, half, y0));
    const e1 = f64x2.abs(f64x2.relaxed_nmadd(s1, h, y1));
    const e2 = f64x2.abs(f64x2.relaxed_nmadd(s2, half, y2));
    const e3 = f64x2.abs(f64x2.relaxed_nmadd(s3, h, y3));
    worst = f64x2.pmax(worst, f64x2.pmax(f64x2.pmax(e0, e1), f64x2.pmax(e2, e3)));
    v128.store(d0, y0);
    v128.store(d1, y1);
    v128.store(d2, y2);
    v128.store(d3, y3);
    d0 += 16;
    d1 += 16;
    d2 += 16;
    d3 += 16;
  }
  const slot = RANK_ERRORS + (threadNumber() << 6);
  store<f64>(slot, max(load<f64>(slot), max(f64x2.extract_lane(worst, 0), f64x2.extract_lane(worst, 1))));
}
