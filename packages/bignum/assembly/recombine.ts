/**
 * From the residues modulo x^n + 1 to the packed words of a number.
 *
 * With N = n0 > n1 > ... (each divides the one before into an even quotient), x^nj = -1 modulo x^nj + 1, so x^ni = 1 there and
 * x^ni + 1 = 2. Newton's interpolation then needs no division but a halving: with R the value so far modulo the first parts,
 * V = (residue - R) / 2 is the next coefficient, and the number is R + (x^n0 + 1) V1 + ...
 */
import { carryDigits } from './carry-passes';
import { RANK_CARRIES } from './memory-map';
import { Plan, partSize } from './plan';
import { barrier, rank, ranks, shareStart, threadNumber } from './team';
import { addCarry, subtractBorrow } from './words';

/** Columns of a block that stays in cache while the long residue is folded onto it. */
const BLOCK: usize = 512;

/** target = (target - source folded modulo x^length + 1) / 2, over this rank's columns; `longer`, twice `length` or more, digits. */
function foldAndHalve(target: usize, length: usize, source: usize, longer: usize): void {
  const row = length << 3;
  const to = shareStart(length, 8, rank() + 1);
  for (let column = shareStart(length, 8, rank()); column < to; column += BLOCK) {
    const first = target + (column << 3);
    const end = target + (min(column + BLOCK, to) << 3);
    // Two rows at a time: what is even is subtracted, what is odd added.
    for (let at = column; at < longer; at += length << 1) {
      const factor = f64x2.splat(at + (length << 1) >= longer ? 0.5 : 1);
      let p = source + (at << 3);
      for (let d = first; d < end; d += 32, p += 32) {
        const q = p + row;
        const sum0 = f64x2.add(f64x2.sub(v128.load(d), v128.load(p)), v128.load(q));
        const sum1 = f64x2.add(f64x2.sub(v128.load(d, 16), v128.load(p, 16)), v128.load(q, 16));
        v128.store(d, f64x2.mul(sum1, factor), 16);
        v128.store(d, f64x2.mul(sum0, factor));
      }
    }
  }
}

/** The parts' rounded residues, one after the other at `digits`, become the digits of the product in the same place. */
export function recombine(plan: Plan, digits: usize): void {
  let i = digits;
  for (let part: u32 = 0; part + 1 < plan.partCount; part++) {
    const size = partSize(plan, part);
    let j = i + (size << 3);
    for (let later = part + 1; later < plan.partCount; later++) {
      const length = partSize(plan, later);
      foldAndHalve(j, length, i, size);
      j += length << 3;
    }
    i += size << 3;
    barrier();
  }
  for (let part = plan.partCount - 1; part > 0; part--) {
    const width = (digits + (plan.total << 3) - i) >> 3;
    const before = i - (partSize(plan, part - 1) << 3);
    const from = shareStart(width, 8, rank());
    const to = shareStart(width, 8, rank() + 1);
    let q = i + (from << 3);
    for (let p = before + (from << 3), end = before + (to << 3); p < end; p += 32, q += 32) {
      const sum0 = f64x2.add(v128.load(p), v128.load(q));
      const sum1 = f64x2.add(v128.load(p, 16), v128.load(q, 16));
      v128.store(p, sum1, 16);
      v128.store(p, sum0);
    }
    i = before;
    barrier();
  }
}

/** Digits that `packDigits` reads: four streams for each rank, whole words each. */
export function packedDigits(digits: usize): usize {
  return streamDigits(digits) * STREAMS * ranks();
}

/** Streams that a rank carries side by side. */
const STREAMS: usize = 4;

function streamDigits(digits: usize): usize {
  const streams = ranks() * STREAMS;
  return (((digits + streams - 1) / streams + 63) >> 6) << 6;
}

/**
 * Carries `digits` digits into words at `dst`, which must hold `packedDigits(digits)` digits; so must the digits' own buffer, zero
 * behind the last. All ranks together.
 */
export function packDigits(dst: usize, src: usize, digits: usize, bits: u32): void {
  const count = streamDigits(digits);
  const mine = rank() * count * STREAMS;
  // A thread that works alone has its own slot beside those of the others.
  const carries = RANK_CARRIES + (ranks() === 1 ? threadNumber() << 5 : 0);
  carryDigits(bits, src + (mine << 3), dst + ((mine * <usize>bits) >> 3), count, carries + (rank() << 5));
  barrier();
  if (rank() === 0) {
    const streams = ranks() * STREAMS;
    const words = (count * <usize>bits) >> 6;
    for (let stream: usize = 0; stream + 1 < streams; stream++) {
      const carry = load<i64>(carries + (stream << 3));
      const at = dst + (((stream + 1) * words) << 3);
      const behind = (streams - stream - 1) * words;
      if (carry >= 0) addCarry(at, behind, <u64>carry);
      else subtractBorrow(at, behind, <u64>-carry);
    }
  }
  barrier();
}
