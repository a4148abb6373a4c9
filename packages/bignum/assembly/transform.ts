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

/** Way down of `m` = 4^i vectors at `ptr`, the subtree of a node. */
function forwardLeaf(ptr: usize, m: usize, level: i32, node: usize): void {
  if (m > INNER_LEAF_VECTORS) {
    const q = m >> 2;
    forwardPass(ptr, q, twiddle(level, node), 0, q);
    for (let i: usize = 0; i < 4; i++) forwardLeaf(ptr + ((i * q) << 5), q, level + 2, (node << 2) + i);
    return;
  }
  let q = m;
  let count: usize = 1;
  for (; q > 16; count <<= 2, level += 2, node <<= 2) {
    q >>= 2;
    for (let i: usize = 0; i < count; i++)
      forwardPass(ptr + ((i * q) << 7), q, twiddle(level, node + i), 0, q);
  }
  if (q === 16) {
    forwardGroups(ptr, m, twiddle(level, node));
    level += 2;
    node <<= 2;
  }
  forwardNeighbours(ptr, m, twiddle(level, node));
}

function inverseLeaf(ptr: usize, m: usize, level: i32, node: usize): void {
  if (m > INNER_LEAF_VECTORS) {
    const q = m >> 2;
    for (let i: usize = 0; i < 4; i++) inverseLeaf(ptr + ((i * q) << 5), q, level + 2, (node << 2) + i);
    inversePass(ptr, q, twiddle(level, node), 0, q);
    return;
  }
  const depth = <i32>ctz(m) - 2;
  level += depth;
  node <<= <usize>depth;
  inverseNeighbours(ptr, m, twiddle(level, node));
  if (m === 4) return;
  level -= 2;
  node >>= 2;
  inverseGroups(ptr, m, twiddle(level, node));
  for (let q: usize = 16; q < m; q <<= 2) {
    level -= 2;
    node >>= 2;
    const count = m / (q << 2);
    for (let i: usize = 0; i < count; i++)
      inversePass(ptr + ((i * q) << 7), q, twiddle(level, node + i), 0, q);
  }
}

function multiplyLeaf(domain: Domain, offset: usize, m: usize, level: i32, node: usize): void {
  const a = domain.a + offset;
  const factor: f64 = (domain.negative !== 0 ? -1.0 : 1.0) / <f64>domain.vectors;
  const operation = domain.operation;
  if (pending(domain, 0)) forwardLeaf(a, m, level, node);
  if (operation === FORWARD) return;
  if (operation === SQUARE) {
    pointSquare(a, m, factor);
  } else {
    const b = domain.b + offset;
    if (pending(domain, 1)) forwardLeaf(b, m, level, node);
    if (operation === PRODUCT_SUM) {
      const c = domain.c + offset;
      const d = domain.d + offset;
      if (pending(domain, 2)) forwardLeaf(c, m, level, node);
      if (pending(domain, 3)) forwardLeaf(d, m, level, node);
      pointProductSum(a, b, c, d, m, factor);
    } else {
      pointProduct(a, b, m, factor);
    }
  }
  inverseLeaf(a, m, level, node);
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
    multiplyLeaf(domain, offset, m, level, node);
    return;
  }
  const q = m >> 2;
  forwardAll(domain, offset, q, twiddle(level, node), 0, q);
  for (let i: usize = 0; i < 4; i++)
    multiplySubtree(domain, offset + ((i * q) << 5), q, level + 2, (node << 2) + i);
  if (domain.operation !== FORWARD) inversePass(domain.a + offset, q, twiddle(level, node), 0, q);
}

function radix2Forward(buffer: usize, q: usize): void {
  forwardPass2(buffer, q, twiddle(RADIX_2_LEVEL, 0), shareStart(q, 2, rank()), shareStart(q, 2, rank() + 1));
}

/** Runs the domain's operation over the whole part, all ranks together; ends with a barrier. */
export function runDomain(domain: Domain): void {
  let m = domain.vectors;
  let level = 0;
  let nodes: usize = 1;
  const odd = (ctz(m) & 1) !== 0;
  if (odd) {
    const q = m >> 1;
    if (pending(domain, 0)) radix2Forward(domain.a, q);
    if (domain.b !== 0 && pending(domain, 1)) radix2Forward(domain.b, q);
    if (domain.c !== 0 && pending(domain, 2)) radix2Forward(domain.c, q);
    if (domain.d !== 0 && pending(domain, 3)) radix2Forward(domain.d, q);
    barrier();
    m = q;
    level = 1;
    nodes = 2;
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
  if (odd) {
    inversePass2(
      domain.a,
      m,
      twiddle(RADIX_2_LEVEL, 0),
      shareStart(m, 2, rank()),
      shareStart(m, 2, rank() + 1),
    );
    barrier();
  }
}
