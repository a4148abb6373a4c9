/**
 * What the series is rid of, and the weights of its terms that make up for it. A prime power L (its prime not below 5) occurs in
 * (6k)! / ((3k)! k!^3) = 24^k p(1)...p(k) / k!^3
 *
 *     f(k) = floor(6k / L) - floor(3k / L) - 3 floor(k / L)
 *
 * times. That depends on k modulo L only: 0 where L divides k, one more from the first k at or above L/6, L/2 and 5L/6 on, which are
 * those where L divides p(k). So f is never negative, and the weight r(k), the product of the primes of all L up to a limit to the power
 * f(k), is a whole number. All these L are taken out of p(k) and k. With p' and k' for what is left,
 *
 *     p(1)...p(k) / k!^3 = r(k) p'(1)...p'(k) / k'!^3
 *
 * so that a(k) r(k) in the place of a(k) leaves the sum as it was. Of terms a to b - 1 alone P' / Q' = P / Q r(a-1) / r(b-1) and
 * T' / Q' = T / Q r(a-1).
 */
import { FACTOR_PRIMES } from './memory-map';
import { Natural, setNatural } from './natural';
import { allocate } from './stack';
import { multiplyByWord } from './words';

/** Prime powers up to here are stripped. */
export const LIMIT: u32 = 1024;
/** The 167 primes up to the limit that are (2, 3, 5, 23 and 29 are the constant's), and zeros to a multiple of 16. */
const ROW_PRIMES: usize = 176;
/** A row has an exponent for each prime, a signed byte. */
export const ROW_BYTES: usize = ROW_PRIMES;
/** Words of any r(k) at most: 3 psi(LIMIT) / ln 2 bits, and psi(x) < 1.039 x. */
export const WEIGHT_WORDS: usize = <usize>LIMIT / 14;
/** Exponents of leaves go below zero, by less than so many words of factors (see stripped-terms.ts). */
const NEGATIVE_WORDS: usize = 16;
/** So many primes fit a word. */
const WORD_PRIMES: i32 = 6;

/** Writes the table of primes, and a zero behind them. */
export function buildFactorPrimes(): void {
  memory.fill(FACTOR_PRIMES, 0, (ROW_PRIMES + 1) << 1);
  let at = FACTOR_PRIMES;
  for (let candidate: u32 = 7; candidate <= LIMIT; candidate += 2) {
    let divisor: u32 = 3;
    while (divisor * divisor <= candidate && candidate % divisor !== 0) divisor += 2;
    if (divisor * divisor <= candidate || candidate === 23 || candidate === 29) continue;
    store<u16>(at, <u16>candidate);
    at += 2;
  }
}

/** Zero behind the last one. */
export function primeAt(index: usize): u32 {
  return <u32>load<u16>(FACTOR_PRIMES + (index << 1));
}

/** left = the lower of both rows. */
export function lowerRow(left: usize, right: usize): void {
  for (let at: usize = 0; at < ROW_BYTES; at += 16) {
    v128.store(left + at, i8x16.min_s(v128.load(left + at), v128.load(right + at)));
  }
}

/** The product of the primes to the exponents by which row `a` is above row `b`; its words lie on the stack. */
export function gatherFactor(result: Natural, a: usize, b: usize): void {
  const factor = allocate((WEIGHT_WORDS + NEGATIVE_WORDS) << 3);
  const zero = i8x16.splat(0);
  const one = i8x16.splat(1);
  let words: usize = 1;
  let word: u64 = 1;
  let room = WORD_PRIMES;
  store<u64>(factor, 1);
  for (let at: usize = 0; at < ROW_BYTES; at += 16) {
    const primes = FACTOR_PRIMES + (at << 1);
    let rest = i8x16.max_s(i8x16.sub(v128.load(a + at), v128.load(b + at)), zero);
    while (v128.any_true(rest)) {
      for (let lanes = i8x16.bitmask(i8x16.ne(rest, zero)); lanes !== 0; lanes &= lanes - 1) {
        word *= <u64>load<u16>(primes + <usize>(ctz(lanes) << 1));
        // Counted, not looked at: that is a branch that can be foretold.
        if (--room !== 0) continue;
        words = scaleFactor(factor, words, word);
        word = 1;
        room = WORD_PRIMES;
      }
      rest = i8x16.sub_sat_u(rest, one);
    }
  }
  words = scaleFactor(factor, words, word);
  setNatural(result, factor, words);
}

function scaleFactor(factor: usize, words: usize, word: u64): usize {
  const carry = multiplyByWord(factor, factor, words, word);
  if (carry === 0) return words;
  store<u64>(factor + (words << 3), carry);
  return words + 1;
}
