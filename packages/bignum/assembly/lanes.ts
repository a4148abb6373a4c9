/**
 * Four short numbers side by side, for leaves of the series, which all have the same shape: digit i of the four lies in two vectors of
 * doubles. Digits are signed and of 24 bits, so that a sum of up to MOST_TERMS products of two of them is exact, fused or not.
 */
import {
  BASE,
  BASE_INVERSE,
  DIGIT_MASK,
  loopConstant,
  ROUNDER,
  UNIT,
  UNIT_HALF_DIGIT,
  UNIT_HALF_TOP,
} from './loop-constants';
import { allocate, release, stackTop } from './stack';

/** Numbers side by side. */
export const LANES: usize = 4;
/** Bytes of a digit of all of them. */
const DIGIT_BYTES: usize = LANES << 3;
/** Digits of a product that are summed side by side. */
const COLUMNS: usize = 4;
/** Zero digits on both sides of a number, which such columns may touch; above it there is room for as many more that `takeLanes` reads. */
const PAD: usize = COLUMNS;
/** Products of digits that are up to 2^23 + 33 each, which is what carries of so many leave: below 2^53 in all. */
const MOST_TERMS: usize = 127;
/** A number of 63 bits and its sign have so many digits. */
const WORD_DIGITS: usize = 3;

@unmanaged
export class Lanes {
  digits: usize;
  count: usize;
}

/** Room for four numbers of up to so many digits, on the stack. */
export function newLanes(digits: usize): Lanes {
  const lanes = changetype<Lanes>(allocate(DIGIT_BYTES + (digits + 4 * PAD) * DIGIT_BYTES));
  lanes.digits = changetype<usize>(lanes) + DIGIT_BYTES + PAD * DIGIT_BYTES;
  lanes.count = 0;
  return lanes;
}

/** Sets the count to at most so many digits, zeros on top cut off, and the zeros on both sides. */
function seal(lanes: Lanes, count: usize): void {
  let end = lanes.digits + count * DIGIT_BYTES;
  while (end > lanes.digits && !v128.any_true(v128.or(v128.load(end - 32), v128.load(end - 16))))
    end -= DIGIT_BYTES;
  lanes.count = (end - lanes.digits) / DIGIT_BYTES;
  memory.fill(lanes.digits - PAD * DIGIT_BYTES, 0, PAD * DIGIT_BYTES);
  memory.fill(end, 0, PAD * DIGIT_BYTES);
}

/** Sets four numbers to the words at `place`, of 62 bits at most and signed. */
export function setLanes(lanes: Lanes, place: usize): void {
  const at = lanes.digits;
  const half = i64x2.splat(HALVES);
  const xa = i64x2.add(v128.load(place), half);
  const xb = i64x2.add(v128.load(place, 16), half);
  v128.store(at, lowDigit(xb), 16);
  v128.store(at, lowDigit(xa));
  v128.store(at, lowDigit(i64x2.shr_u(xb, 24)), 48);
  v128.store(at, lowDigit(i64x2.shr_u(xa, 24)), 32);
  v128.store(at, topDigit(xb), 80);
  v128.store(at, topDigit(xa), 64);
  seal(lanes, WORD_DIGITS);
}

/** Half a digit in each place of a word: with it no digit is negative. */
const HALVES: i64 = <i64>0x8000800000800000;

/** The lowest digit of words that were raised so: as the lowest bits of a double that is 2^52 and more. */
function lowDigit(raised: v128): v128 {
  const digit = v128.and(raised, loopConstant(DIGIT_MASK));
  return f64x2.sub(v128.or(digit, loopConstant(UNIT)), loopConstant(UNIT_HALF_DIGIT));
}

function topDigit(raised: v128): v128 {
  const digit = i64x2.shr_u(raised, 48);
  return f64x2.sub(v128.or(digit, loopConstant(UNIT)), loopConstant(UNIT_HALF_TOP));
}

/** result = the products of the words at x and y, as those of `setLanes`. */
export function multiplyLanes(result: Lanes, x: usize, y: usize): void {
  const half = i64x2.splat(HALVES);
  const xa = i64x2.add(v128.load(x), half);
  const xb = i64x2.add(v128.load(x, 16), half);
  const ya = i64x2.add(v128.load(y), half);
  const yb = i64x2.add(v128.load(y, 16), half);
  const x0a = lowDigit(xa);
  const x0b = lowDigit(xb);
  const x1a = lowDigit(i64x2.shr_u(xa, 24));
  const x1b = lowDigit(i64x2.shr_u(xb, 24));
  const x2a = topDigit(xa);
  const x2b = topDigit(xb);
  const y0a = lowDigit(ya);
  const y0b = lowDigit(yb);
  const y1a = lowDigit(i64x2.shr_u(ya, 24));
  const y1b = lowDigit(i64x2.shr_u(yb, 24));
  const y2a = topDigit(ya);
  const y2b = topDigit(yb);
  const scale = loopConstant(BASE_INVERSE);
  const base = loopConstant(BASE);
  const rounder = loopConstant(ROUNDER);
  const p0a = f64x2.mul(x0a, y0a);
  const p0b = f64x2.mul(x0b, y0b);
  const p1a = f64x2.relaxed_madd(x1a, y0a, f64x2.mul(x0a, y1a));
  const p1b = f64x2.relaxed_madd(x1b, y0b, f64x2.mul(x0b, y1b));
  const p2a = f64x2.relaxed_madd(x2a, y0a, f64x2.relaxed_madd(x1a, y1a, f64x2.mul(x0a, y2a)));
  const p2b = f64x2.relaxed_madd(x2b, y0b, f64x2.relaxed_madd(x1b, y1b, f64x2.mul(x0b, y2b)));
  const p3a = f64x2.relaxed_madd(x2a, y1a, f64x2.mul(x1a, y2a));
  const p3b = f64x2.relaxed_madd(x2b, y1b, f64x2.mul(x1b, y2b));
  const p4a = f64x2.mul(x2a, y2a);
  const p4b = f64x2.mul(x2b, y2b);
  const c0a = carryOf(p0a, scale, rounder);
  const c0b = carryOf(p0b, scale, rounder);
  const c1a = carryOf(p1a, scale, rounder);
  const c1b = carryOf(p1b, scale, rounder);
  const c2a = carryOf(p2a, scale, rounder);
  const c2b = carryOf(p2b, scale, rounder);
  const c3a = carryOf(p3a, scale, rounder);
  const c3b = carryOf(p3b, scale, rounder);
  const c4a = carryOf(p4a, scale, rounder);
  const c4b = carryOf(p4b, scale, rounder);
  const d0a = f64x2.relaxed_nmadd(c0a, base, p0a);
  const d0b = f64x2.relaxed_nmadd(c0b, base, p0b);
  const d1a = rest(p1a, c1a, base, c0a);
  const d1b = rest(p1b, c1b, base, c0b);
  const d2a = rest(p2a, c2a, base, c1a);
  const d2b = rest(p2b, c2b, base, c1b);
  const d3a = rest(p3a, c3a, base, c2a);
  const d3b = rest(p3b, c3b, base, c2b);
  const d4a = rest(p4a, c4a, base, c3a);
  const d4b = rest(p4b, c4b, base, c3b);
  const e1a = carryOf(d1a, scale, rounder);
  const e1b = carryOf(d1b, scale, rounder);
  const e2a = carryOf(d2a, scale, rounder);
  const e2b = carryOf(d2b, scale, rounder);
  const e3a = carryOf(d3a, scale, rounder);
  const e3b = carryOf(d3b, scale, rounder);
  const e4a = carryOf(d4a, scale, rounder);
  const e4b = carryOf(d4b, scale, rounder);
  const out = result.digits;
  v128.store(out, d0b, 16);
  v128.store(out, d0a);
  v128.store(out, f64x2.relaxed_nmadd(e1b, base, d1b), 48);
  v128.store(out, f64x2.relaxed_nmadd(e1a, base, d1a), 32);
  v128.store(out, rest(d2b, e2b, base, e1b), 80);
  v128.store(out, rest(d2a, e2a, base, e1a), 64);
  v128.store(out, rest(d3b, e3b, base, e2b), 112);
  v128.store(out, rest(d3a, e3a, base, e2a), 96);
  v128.store(out, rest(d4b, e4b, base, e3b), 144);
  v128.store(out, rest(d4a, e4a, base, e3a), 128);
  v128.store(out, f64x2.add(c4b, e4b), 176);
  v128.store(out, f64x2.add(c4a, e4a), 160);
  seal(result, 2 * WORD_DIGITS);
}

/** result = a b + c d, whose room is none of theirs; c and d may be empty. */
export function sumProducts(result: Lanes, a: Lanes, b: Lanes, c: Lanes, d: Lanes): void {
  if (min(a.count, b.count) + min(c.count, d.count) <= MOST_TERMS) {
    sumColumns(result, a, b, c, d);
    return;
  }
  // Too much for a column: both products by themselves, and their sum as that of products with 1.
  const mark = stackTop();
  const none = newLanes(0);
  const first = newLanes(a.count + b.count);
  const second = newLanes(c.count + d.count);
  const one = newLanes(1);
  sumColumns(first, a, b, none, none);
  sumColumns(second, c, d, none, none);
  v128.store(one.digits, f64x2.splat(1));
  v128.store(one.digits, f64x2.splat(1), 16);
  seal(one, 1);
  sumColumns(result, first, one, second, one);
  release(mark);
}

function sumColumns(result: Lanes, a: Lanes, b: Lanes, c: Lanes, d: Lanes): void {
  const scale = loopConstant(BASE_INVERSE);
  const base = loopConstant(BASE);
  const rounder = loopConstant(ROUNDER);
  // What a column leaves for the next one in the first and in the second round.
  let firstA = f64x2.splat(0);
  let firstB = f64x2.splat(0);
  let secondA = f64x2.splat(0);
  let secondB = f64x2.splat(0);
  const both = c.count !== 0;
  const total = max(a.count + b.count, c.count + d.count) + <usize>both;
  for (let column: usize = 0; column < total; column += COLUMNS) {
    let a0 = f64x2.splat(0);
    let b0 = f64x2.splat(0);
    let a1 = f64x2.splat(0);
    let b1 = f64x2.splat(0);
    let a2 = f64x2.splat(0);
    let b2 = f64x2.splat(0);
    let a3 = f64x2.splat(0);
    let b3 = f64x2.splat(0);
    let x = a;
    let y = b;
    for (let more = both; ; more = false) {
      const start = column + 1 > y.count ? column + 1 - y.count : 0;
      const end = x.digits + min(x.count, column + COLUMNS) * DIGIT_BYTES;
      let q = y.digits + (column - start) * DIGIT_BYTES;
      for (let p = x.digits + start * DIGIT_BYTES; p < end; p += DIGIT_BYTES, q -= DIGIT_BYTES) {
        const u = v128.load(p);
        const v = v128.load(p, 16);
        a0 = f64x2.relaxed_madd(u, v128.load(q), a0);
        b0 = f64x2.relaxed_madd(v, v128.load(q, 16), b0);
        a1 = f64x2.relaxed_madd(u, v128.load(q, 32), a1);
        b1 = f64x2.relaxed_madd(v, v128.load(q, 48), b1);
        a2 = f64x2.relaxed_madd(u, v128.load(q, 64), a2);
        b2 = f64x2.relaxed_madd(v, v128.load(q, 80), b2);
        a3 = f64x2.relaxed_madd(u, v128.load(q, 96), a3);
        b3 = f64x2.relaxed_madd(v, v128.load(q, 112), b3);
      }
      if (!more) break;
      x = c;
      y = d;
    }
    const out = result.digits + column * DIGIT_BYTES;
    const ca0 = carryOf(a0, scale, rounder);
    const da0 = rest(a0, ca0, base, firstA);
    const cb0 = carryOf(b0, scale, rounder);
    const db0 = rest(b0, cb0, base, firstB);
    const ca1 = carryOf(a1, scale, rounder);
    const da1 = rest(a1, ca1, base, ca0);
    const cb1 = carryOf(b1, scale, rounder);
    const db1 = rest(b1, cb1, base, cb0);
    const ca2 = carryOf(a2, scale, rounder);
    const da2 = rest(a2, ca2, base, ca1);
    const cb2 = carryOf(b2, scale, rounder);
    const db2 = rest(b2, cb2, base, cb1);
    const ca3 = carryOf(a3, scale, rounder);
    const da3 = rest(a3, ca3, base, ca2);
    const cb3 = carryOf(b3, scale, rounder);
    const db3 = rest(b3, cb3, base, cb2);
    firstA = ca3;
    firstB = cb3;
    const ea0 = carryOf(da0, scale, rounder);
    const eb0 = carryOf(db0, scale, rounder);
    v128.store(out, rest(db0, eb0, base, secondB), 16);
    v128.store(out, rest(da0, ea0, base, secondA));
    const ea1 = carryOf(da1, scale, rounder);
    const eb1 = carryOf(db1, scale, rounder);
    v128.store(out, rest(db1, eb1, base, eb0), 48);
    v128.store(out, rest(da1, ea1, base, ea0), 32);
    const ea2 = carryOf(da2, scale, rounder);
    const eb2 = carryOf(db2, scale, rounder);
    v128.store(out, rest(db2, eb2, base, eb1), 80);
    v128.store(out, rest(da2, ea2, base, ea1), 64);
    const ea3 = carryOf(da3, scale, rounder);
    const eb3 = carryOf(db3, scale, rounder);
    v128.store(out, rest(db3, eb3, base, eb2), 112);
    v128.store(out, rest(da3, ea3, base, ea2), 96);
    secondA = ea3;
    secondB = eb3;
  }
  seal(result, total);
}

/** A column's carry, rounded to nearest. */
function carryOf(column: v128, scale: v128, rounder: v128): v128 {
  return f64x2.sub(f64x2.relaxed_madd(column, scale, rounder), rounder);
}

/** What a column keeps, with what the one below leaves. */
function rest(column: v128, carry: v128, base: v128, below: v128): v128 {
  return f64x2.add(f64x2.relaxed_nmadd(carry, base, column), below);
}

/** Words that `takeLanes` writes for so many digits. */
export function laneWords(digits: usize): usize {
  return ((digits + 7) >> 3) * 3;
}

/** The words of a pair of numbers, the first or (`lane` 2) the last two, neither negative; their words go to `first` and `second`. */
export function takeLanes(lanes: Lanes, lane: usize, first: usize, second: usize): void {
  const rounder = loopConstant(ROUNDER);
  // What adding the rounder left above a digit, in the two digits of a part.
  const excess = i64x2.splat(0x4338000000000000 + (0x4338000000000000 << 24));
  let carry0: i64 = 0;
  let carry1: i64 = 0;
  let at = lanes.digits + (lane << 3);
  memory.fill(lanes.digits + (lanes.count + PAD) * DIGIT_BYTES, 0, PAD * DIGIT_BYTES);
  for (const end = at + lanes.count * DIGIT_BYTES; at < end; at += 8 * DIGIT_BYTES) {
    const a = twoDigits(at, rounder, excess);
    const b = twoDigits(at + 2 * DIGIT_BYTES, rounder, excess);
    const c = twoDigits(at + 4 * DIGIT_BYTES, rounder, excess);
    const d = twoDigits(at + 6 * DIGIT_BYTES, rounder, excess);
    carry0 = storeWords(
      first,
      carry0,
      i64x2.extract_lane(a, 0),
      i64x2.extract_lane(b, 0),
      i64x2.extract_lane(c, 0),
      i64x2.extract_lane(d, 0),
    );
    carry1 = storeWords(
      second,
      carry1,
      i64x2.extract_lane(a, 1),
      i64x2.extract_lane(b, 1),
      i64x2.extract_lane(c, 1),
      i64x2.extract_lane(d, 1),
    );
    first += 24;
    second += 24;
  }
}

function twoDigits(at: usize, rounder: v128, excess: v128): v128 {
  const low = f64x2.add(v128.load(at), rounder);
  const high = f64x2.add(v128.load(at, DIGIT_BYTES), rounder);
  return i64x2.sub(i64x2.add(low, i64x2.shl(high, 24)), excess);
}

const PART: i64 = 0xffffffffffff;

/** Three words of four signed parts of 48 bits and a carry; returns the next carry. */
function storeWords(dst: usize, carry: i64, a: i64, b: i64, c: i64, d: i64): i64 {
  const part0 = carry + a;
  const part1 = (part0 >> 48) + b;
  const part2 = (part1 >> 48) + c;
  const part3 = (part2 >> 48) + d;
  store<i64>(dst, (part0 & PART) | (part1 << 48));
  store<i64>(dst, ((part1 & PART) >> 16) | (part2 << 32), 8);
  store<i64>(dst, ((part2 & PART) >> 32) | (part3 << 16), 16);
  return part3 >> 48;
}
