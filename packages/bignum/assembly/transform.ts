/**
 * Transforms of vectors in place and products in the transform domain, for one part of a plan. All ranks call together: passes over
 * whole parts are shared by columns, then the subtrees are shared. A subtree that fits the cache ("leaf") takes its way down, the
 * product and the way back before the next one is touched.
 */
import {
  forwardGroups,
  forwardNeighbours,
  forwardPass,
  forwardPass2,
  inverseGroups,
  inverseNeighbours,
  inversePass,
  inversePass2,
  pointProduct,
  pointProductSum,
  pointSquare,
} from './fft-passes';
import { RADIX_2_LEVEL } from './memory-map';
import { barrier, rank, ranks, shareStart } from './team';
import { twiddle } from './twiddles';

/** What to do in the transform domain; the result takes a's place and comes back from the domain (except after FORWARD). */
export const PRODUCT: i32 = 0;
export const SQUARE: i32 = 1;
/** a b + c d */
export const PRODUCT_SUM: i32 = 2;
/** Only transform a, for later use. */
export const FORWARD: i32 = 3;

const LEAF_VECTORS: usize = 8192;
const INNER_LEAF_VECTORS: usize = 512;

/** The buffers of one part; zero where there is none. Those in `ready` (bit 0 = a) are transformed already. */
@unmanaged
export class Domain {
  operation: i32;
  ready: u32;
  /** Not zero: the product comes out with the opposite sign. */
  negative: u32;
  a: usize;
  b: usize;
  c: usize;
  d: usize;
  /** Vectors of the part. */
  vectors: usize;
}

function pending(domain: Domain, index: u32): bool {
  return (domain.ready & (1 << index)) === 0;
}

/** Way down of `count` neighbouring nodes of `m` vectors each at `ptr`, the first of which is `node`; one if m is above the inner leaf. */
function forwardLeaf(ptr: usize, m: usize, count: usize, level: i32, node: usize): void {
  if (m > INNER_LEAF_VECTORS) {
    const q = m >> 2;
    forwardPass(ptr, q, twiddle(level, node), 0, q);
    for (let i: usize = 0; i < 4; i++) forwardLeaf(ptr + ((i * q) << 5), q, 1, level + 2, (node << 2) + i);
    return;
  }
  const all = m * count;
  let q = m;
  for (; q > 16; count <<= 2, level += 2, node <<= 2) {
    q >>= 2;
    for (let i: usize = 0; i < count; i++)
      forwardPass(ptr + ((i * q) << 7), q, twiddle(level, node + i), 0, q);
  }
  if (q === 16) {
    forwardGroups(ptr, all, twiddle(level, node));
    level += 2;
    node <<= 2;
  }
  forwardNeighbours(ptr, all, twiddle(level, node));
}

function inverseLeaf(ptr: usize, m: usize, count: usize, level: i32, node: usize): void {
  if (m > INNER_LEAF_VECTORS) {
    const q = m >> 2;
    for (let i: usize = 0; i < 4; i++) inverseLeaf(ptr + ((i * q) << 5), q, 1, level + 2, (node << 2) + i);
    inversePass(ptr, q, twiddle(level, node), 0, q);
    return;
  }
  const all = m * count;
  const depth = <i32>ctz(m) - 2;
  level += depth;
  node <<= <usize>depth;
  inverseNeighbours(ptr, all, twiddle(level, node));
  if (m === 4) return;
  level -= 2;
  node >>= 2;
  inverseGroups(ptr, all, twiddle(level, node));
  for (let q: usize = 16; q < m; q <<= 2) {
    level -= 2;
    node >>= 2;
    const nodes = all / (q << 2);
    for (let i: usize = 0; i < nodes; i++)
      inversePass(ptr + ((i * q) << 7), q, twiddle(level, node + i), 0, q);
  }
}

/** `count` neighbouring nodes of `m` vectors each, the first of which is `node`. */
function multiplyLeaf(domain: Domain, offset: usize, m: usize, count: usize, level: i32, node: usize): void {
  const a = domain.a + offset;
  const all = m * count;
  const factor: f64 = (domain.negative !== 0 ? -1.0 : 1.0) / <f64>domain.vectors;
  const operation = domain.operation;
  if (pending(domain, 0)) forwardLeaf(a, m, count, level, node);
  if (operation === FORWARD) return;
  if (operation === SQUARE) {
    pointSquare(a, all, factor);
  } else {
    const b = domain.b + offset;
    if (pending(domain, 1)) forwardLeaf(b, m, count, level, node);
    if (operation === PRODUCT_SUM) {
      const c = domain.c + offset;
      const d = domain.d + offset;
      if (pending(domain, 2)) forwardLeaf(c, m, count, level, node);
      if (pending(domain, 3)) forwardLeaf(d, m, count, level, node);
      pointProductSum(a, b, c, d, all, factor);
    } else {
      pointProduct(a, b, all, factor);
    }
  }
  inverseLeaf(a, m, count, level, node);
}

/** A pass over columns [from, to) of every buffer that still has to be transformed. */
function forwardAll(domain: Domain, offset: usize, q: usize, tw: usize, from: usize, to: usize): void {
  if (pending(domain, 0)) forwardPass(domain.a + offset, q, tw, from, to);
  if (domain.b !== 0 && pending(domain, 1)) forwardPass(domain.b + offset, q, tw, from, to);
  if (domain.c !== 0 && pending(domain, 2)) forwardPass(domain.c + offset, q, tw, from, to);
  if (domain.d !== 0 && pending(domain, 3)) forwardPass(domain.d + offset, q, tw, from, to);
}

function multiplySubtree(domain: Domain, offset: usize, m: usize, level: i32, node: usize): void {
  if (m <= LEAF_VECTORS) {
    multiplyLeaf(domain, offset, m, 1, level, node);
    return;
  }
  const q = m >> 2;
  forwardAll(domain, offset, q, twiddle(level, node), 0, q);
  for (let i: usize = 0; i < 4; i++)
    multiplySubtree(domain, offset + ((i * q) << 5), q, level + 2, (node << 2) + i);
  if (domain.operation !== FORWARD) inversePass(domain.a + offset, q, twiddle(level, node), 0, q);
}

/** The first pass of a part is one over the two or four rows of `rowLength` vectors that its length leaves for it. */
export function rowLength(vectors: usize): usize {
  return (ctz(vectors) & 1) !== 0 ? vectors >> 1 : vectors >> 2;
}

/** Columns [from, to) of a part's first pass, and of its last. */
export function firstPass(buffer: usize, vectors: usize, from: usize, to: usize): void {
  const q = rowLength(vectors);
  if (q << 1 === vectors) forwardPass2(buffer, q, twiddle(RADIX_2_LEVEL, 0), from, to);
  else forwardPass(buffer, q, twiddle(0, 0), from, to);
}

export function lastPass(buffer: usize, vectors: usize, from: usize, to: usize): void {
  const q = rowLength(vectors);
  if (q << 1 === vectors) inversePass2(buffer, q, twiddle(RADIX_2_LEVEL, 0), from, to);
  else inversePass(buffer, q, twiddle(0, 0), from, to);
}

/** Runs the domain's operation between first and last pass over the whole part, all ranks together; ends with a barrier. */
export function runDomain(domain: Domain): void {
  let m = rowLength(domain.vectors);
  let nodes = domain.vectors / m;
  let level = <i32>ctz(nodes);
  if (ranks() === 1 && m <= INNER_LEAF_VECTORS) {
    multiplyLeaf(domain, 0, m, nodes, level, 0);
    return;
  }
  const firstLevel = level;
  while (ranks() > 1 && nodes < ranks() << 2 && m > 1024) {
    const q = m >> 2;
    const from = shareStart(q, 2, rank());
    const to = shareStart(q, 2, rank() + 1);
    for (let node: usize = 0; node < nodes; node++) {
      forwardAll(domain, (node * m) << 5, q, twiddle(level, node), from, to);
    }
    barrier();
    m = q;
    level += 2;
    nodes <<= 2;
  }
  const last = shareStart(nodes, 1, rank() + 1);
  for (let node = shareStart(nodes, 1, rank()); node < last; node++) {
    multiplySubtree(domain, (node * m) << 5, m, level, node);
  }
  barrier();
  if (domain.operation === FORWARD) return;
  while (level > firstLevel) {
    level -= 2;
    nodes >>= 2;
    const q = m;
    m <<= 2;
    const from = shareStart(q, 2, rank());
    const to = shareStart(q, 2, rank() + 1);
    for (let node: usize = 0; node < nodes; node++) {
      inversePass(domain.a + ((node * m) << 5), q, twiddle(level, node), from, to);
    }
    barrier();
  }
}
