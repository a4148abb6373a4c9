/**
 * Twiddle tables. Node k of level l stands for the root e^(i pi/2 (phase / 2^l + reversed(k))), where `reversed` reads the bits of k
 * behind the binary point and the phase is 1/8 or 5/8, one for each lane. An entry is 64 bytes: re and im of the root, re and im of
 * its square. One table serves all lengths, since a subtree's nodes do not depend on the length of the whole.
 *
 * Entries are products of two numbers of about 106 bits (a small table times a running factor), rounded once at the end, so they are
 * correct to half a unit in the last place and a little.
 */
import { RADIX_2_LEVEL, TWIDDLE_LEVELS } from './memory-map';
import { cosineHigh, cosineLow, sineHigh, sineLow } from './rotation-constants';
import { allocate, release, stackTop } from './stack';
import { barrier, rank, shareStart } from './team';

const LOW_NODE_BITS: i32 = 7;
/** A complex number in two doubles a component and lane: re, its rest, im, its rest. */
const PRECISE_BYTES: usize = 64;

export function twiddle(level: i32, node: usize): usize {
  return load<usize>(TWIDDLE_LEVELS + ((<usize>level) << 3)) + (node << 6);
}

/** Bytes of the tables for transforms of up to 2^logVectors vectors. */
export function twiddleBytes(logVectors: i32): usize {
  return ((<usize>1) << (logVectors - 1)) * 64 + 64;
}

/** Builds the tables at `address`, all ranks together; every rank needs a few KiB of stack. */
export function buildTwiddles(address: usize, logVectors: i32): void {
  const mark = stackTop();
  const lows = allocate(((<usize>1) << LOW_NODE_BITS) * PRECISE_BYTES);
  const high = allocate(PRECISE_BYTES);
  let at = address + 64;
  for (let level = 0; level <= logVectors - 2; level++) {
    const nodes = (<usize>1) << level;
    if (rank() === 0) store<usize>(TWIDDLE_LEVELS + ((<usize>level) << 3), at);
    const lowBits = min(level, LOW_NODE_BITS);
    fillLows(lows, level, lowBits);
    const from = shareStart(nodes, (<usize>1) << lowBits, rank());
    const to = shareStart(nodes, (<usize>1) << lowBits, rank() + 1);
    for (let node = from; node < to; node += (<usize>1) << lowBits) {
      rotationOf(high, node);
      for (let low: usize = 0; low < (<usize>1) << lowBits; low++) {
        writeEntry(at + ((node + low) << 6), lows + low * PRECISE_BYTES, high);
      }
    }
    at += nodes << 6;
  }
  barrier();
  if (rank() === 0) {
    // The radix-2 pass at the root of the tree uses the square of node 0 of level 0.
    store<usize>(TWIDDLE_LEVELS + ((<usize>RADIX_2_LEVEL) << 3), address);
    memory.copy(address, twiddle(0, 0) + 32, 32);
  }
  release(mark);
  barrier();
}

/** Roots of nodes 0 to 2^bits - 1: the level's phase times the rotation of the low bits. */
function fillLows(lows: usize, level: i32, bits: i32): void {
  storeRotation(lows, level + 2);
  // Second lane: phase 5/8 = 1/2 + 1/8.
  const rest = lows + PRECISE_BYTES;
  const mark = stackTop();
  const both = allocate(PRECISE_BYTES);
  storeRotation(both, level);
  multiplyPrecise(both, lows, both);
  for (let part: usize = 0; part < PRECISE_BYTES; part += 16) {
    store<f64>(lows + part, load<f64>(both + part), 8);
  }
  for (let bit = 0; bit < bits; bit++) {
    const count = (<usize>1) << bit;
    storeRotation(both, bit);
    for (let i: usize = 0; i < count; i++) {
      multiplyPrecise(rest + (count + i - 1) * PRECISE_BYTES, lows + i * PRECISE_BYTES, both);
    }
  }
  release(mark);
}

function rotationOf(dst: usize, node: usize): void {
  storeOne(dst);
  const mark = stackTop();
  const factor = allocate(PRECISE_BYTES);
  for (let bit = 0; node !== 0; bit++, node >>= 1) {
    if ((node & 1) === 0) continue;
    storeRotation(factor, bit);
    multiplyPrecise(dst, dst, factor);
  }
  release(mark);
}

function storeOne(dst: usize): void {
  v128.store(dst, f64x2.splat(1));
  v128.store(dst, f64x2.splat(0), 16);
  v128.store(dst, f64x2.splat(0), 32);
  v128.store(dst, f64x2.splat(0), 48);
}

function storeRotation(dst: usize, bit: i32): void {
  v128.store(dst, f64x2.splat(cosineHigh(bit)));
  v128.store(dst, f64x2.splat(cosineLow(bit)), 16);
  v128.store(dst, f64x2.splat(sineHigh(bit)), 32);
  v128.store(dst, f64x2.splat(sineLow(bit)), 48);
}

/** dst = a * b, about 104 bits. */
function multiplyPrecise(dst: usize, a: usize, b: usize): void {
  const ar = v128.load(a);
  const arRest = v128.load(a, 16);
  const ai = v128.load(a, 32);
  const aiRest = v128.load(a, 48);
  const br = v128.load(b);
  const brRest = v128.load(b, 16);
  const bi = v128.load(b, 32);
  const biRest = v128.load(b, 48);
  storeSum(dst, ar, br, arRest, brRest, f64x2.neg(ai), bi, f64x2.neg(aiRest), biRest);
  storeSum(dst + 32, ar, bi, arRest, biRest, ai, br, aiRest, brRest);
}

/** (a + a')(b + b') + (c + c')(d + d') as a sum of two doubles. */
function storeSum(
  dst: usize,
  a: v128,
  b: v128,
  a1: v128,
  b1: v128,
  c: v128,
  d: v128,
  c1: v128,
  d1: v128,
): void {
  const p = f64x2.mul(a, b);
  const q = f64x2.mul(c, d);
  const pRest = f64x2.relaxed_madd(a, b, f64x2.neg(p));
  const qRest = f64x2.relaxed_madd(c, d, f64x2.neg(q));
  const sum = f64x2.add(p, q);
  const qPart = f64x2.sub(sum, p);
  const sumRest = f64x2.add(f64x2.sub(p, f64x2.sub(sum, qPart)), f64x2.sub(q, qPart));
  let rest = f64x2.add(f64x2.add(pRest, qRest), sumRest);
  rest = f64x2.relaxed_madd(a, b1, f64x2.relaxed_madd(a1, b, rest));
  rest = f64x2.relaxed_madd(c, d1, f64x2.relaxed_madd(c1, d, rest));
  const high = f64x2.add(sum, rest);
  v128.store(dst, high);
  v128.store(dst, f64x2.sub(rest, f64x2.sub(high, sum)), 16);
}

function writeEntry(entry: usize, low: usize, high: usize): void {
  const mark = stackTop();
  const root = allocate(PRECISE_BYTES);
  const square = allocate(PRECISE_BYTES);
  multiplyPrecise(root, low, high);
  multiplyPrecise(square, root, root);
  v128.store(entry, v128.load(root));
  v128.store(entry, v128.load(root, 32), 16);
  v128.store(entry, v128.load(square), 32);
  v128.store(entry, v128.load(square, 32), 48);
  release(mark);
}
