/**
 * Common factors of the sums of neighbouring ranges. Let g divide P1 and Q2. Then it divides all of
 *
 *     P = P1 P2      Q = Q1 Q2      T = T1 Q2 + P1 T2
 *
 * and P1 / g, Q2 / g in the place of P1, Q2 give P / g, Q / g, T / g. A sum depends on its ranges by T / Q and P / Q only (see
 * chudnovsky.ts), so what was divided out is never missed; the same goes for numbers from which earlier merges took factors.
 * T1 and T2 stay as they are: that is why it has to be P1 and Q2.
 *
 * g comes from exponents of small primes, kept for each range beside its numbers. They are lower bounds of the true ones: powers
 * beyond the limit are not looked for, and 255 stands for more.
 */
import { divideExactly, oddInverse } from './exact-division';
import { FACTOR_PRIMES } from './memory-map';
import { Natural, setNatural } from './natural';
import { multiplyResidues, residueOfWords } from './residue';
import { allocate, release, stackTop } from './stack';
import { multiplyByWord } from './words';

/** Odd primes, and their powers, below this one are divided out. */
const LIMIT: u32 = 1024;
/** The 171 odd primes below the limit, and zeros to a multiple of 16. */
const PRIMES: usize = 176;
/** A range's exponents, a byte each: those of P, then those of Q. */
export const EXPONENT_BYTES: usize = 2 * PRIMES;
/** A factor is gathered in a word as long as another prime fits. */
const FULL_WORD: u64 = (<u64>1) << 54;

/** Writes the table of primes. */
export function buildFactorPrimes(): void {
  memory.fill(FACTOR_PRIMES, 0, PRIMES << 1);
  let at = FACTOR_PRIMES;
  for (let candidate: u32 = 3; candidate < LIMIT; candidate += 2) {
    let divisor: u32 = 3;
    while (divisor * divisor <= candidate && candidate % divisor !== 0) divisor += 2;
    if (divisor * divisor <= candidate) continue;
    store<u16>(at, <u16>candidate);
    at += 2;
  }
}

function primeAt(index: usize): u32 {
  return <u32>load<u16>(FACTOR_PRIMES + (index << 1));
}

/** Counts `weight` at every k = residue modulo `power` of [from, to), in the leaf of `leafTerms` terms that has it. */
function countAt(
  exponents: usize,
  from: u64,
  to: u64,
  leafTerms: u64,
  residue: u32,
  power: u32,
  weight: u32,
): void {
  const terms = <u32>(to - from);
  const rest = <u32>(from % <u64>power);
  for (let k = residue >= rest ? residue - rest : residue + power - rest; k < terms; k += power) {
    const at = exponents + <usize>(k / <u32>leafTerms) * EXPONENT_BYTES;
    store<u8>(at, load<u8>(at) + <u8>weight);
  }
}

/**
 * The exponents of p(k) = (6k-5)(2k-1)(6k-1) and q(k) = k^3 640320^3/24 over the leaves of [from, to), one row for each leaf of
 * `leafTerms` terms; the rows stay on the stack. A leaf has few enough terms that no exponent gets near 255.
 */
export function leafExponents(from: u64, to: u64, leafTerms: u64): usize {
  const leaves = <usize>((to - from + leafTerms - 1) / leafTerms);
  const rows = allocate(leaves * EXPONENT_BYTES);
  memory.fill(rows, 0, leaves * EXPONENT_BYTES);
  for (let index: usize = 0, prime = primeAt(0); prime !== 0; prime = primeAt(++index)) {
    const p = rows + index;
    const q = p + PRIMES;
    for (let power = prime; power < LIMIT; power *= prime) {
      countAt(p, from, to, leafTerms, (power + 1) >> 1, power, 1);
      countAt(q, from, to, leafTerms, 0, power, 3);
      if (prime === 3) continue;
      const sixth = power % 6 === 1 ? (5 * power + 1) / 6 : (power + 1) / 6;
      countAt(p, from, to, leafTerms, sixth, power, 1);
      countAt(p, from, to, leafTerms, (5 * sixth) % power, power, 1);
    }
    // 640320^3/24 = 2^15 3^2 5^3 23^3 29^3
    const constant: u32 = prime === 3 ? 2 : prime === 5 || prime === 23 || prime === 29 ? 3 : 0;
    if (constant !== 0) countAt(q, from, to, leafTerms, 0, 1, constant);
  }
  return rows;
}

/** Divides left P and right Q by their common factor; the left range's exponents become those of both ranges' merge. */
export function divideCommonFactor(p: Natural, q: Natural, left: usize, right: usize): void {
  const mark = stackTop();
  // Shorter than what it divides.
  const factor = allocate((min(p.count, q.count) + 2) << 3);
  const common = allocate(16);
  let words: usize = 1;
  let word: u64 = 1;
  store<u64>(factor, 1);
  for (let at: usize = 0; at < PRIMES; at += 16) {
    const p1 = v128.load(left + at);
    const q2 = v128.load(right + at + PRIMES);
    const both = i8x16.min_u(p1, q2);
    v128.store(left + at, i8x16.add_sat_u(i8x16.sub(p1, both), v128.load(right + at)));
    v128.store(left + at + PRIMES, i8x16.add_sat_u(i8x16.sub(q2, both), v128.load(left + at + PRIMES)));
    v128.store(common, both);
    for (let lanes = i8x16.bitmask(i8x16.ne(both, i8x16.splat(0))); lanes !== 0; lanes &= lanes - 1) {
      const lane = <usize>ctz(lanes);
      const prime = <u64>primeAt(at + lane);
      for (let count = load<u8>(common + lane); count > 0; count--) {
        word *= prime;
        if (word < FULL_WORD) continue;
        words = scaleFactor(factor, words, word);
        word = 1;
      }
    }
  }
  words = scaleFactor(factor, words, word);
  if (words > 1 || load<u64>(factor) !== 1) {
    const inverse = oddInverse(load<u64>(factor));
    const residue = residueOfWords(factor, words);
    divideNatural(p, factor, words, inverse, residue);
    divideNatural(q, factor, words, inverse, residue);
  }
  release(mark);
}

function scaleFactor(factor: usize, words: usize, word: u64): usize {
  const carry = multiplyByWord(factor, factor, words, word);
  if (carry === 0) return words;
  store<u64>(factor + (words << 3), carry);
  return words + 1;
}

function divideNatural(number: Natural, factor: usize, words: usize, inverse: u64, residue: u64): void {
  const before = number.residue;
  divideExactly(number.words, number.count, factor, words, inverse);
  setNatural(number, number.words, number.count - words + 1);
  if (multiplyResidues(number.residue, residue) !== before) unreachable();
}
