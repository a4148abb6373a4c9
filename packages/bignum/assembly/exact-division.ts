/** Quotients of numbers that are known to be multiples, from the lowest word up (Hensel, Jebelean): no word is ever guessed. */
import { subtractBorrow, subtractProductByWord } from './words';

/** The inverse of an odd word modulo 2^64; each step doubles the bits that are right, beginning with five. */
export function oddInverse(word: u64): u64 {
  let inverse = (word * 3) ^ 2;
  for (let bits = 5; bits < 64; bits <<= 1) inverse *= 2 - word * inverse;
  return inverse;
}

/**
 * The `words` words at `number` divided by an odd factor that divides them, `inverse` being that of its lowest word; the quotient's
 * words - factorWords + 1 words take the place of the lowest, those above are left as they may be.
 */
export function divideExactly(
  number: usize,
  words: usize,
  factor: usize,
  factorWords: usize,
  inverse: u64,
): void {
  // Words above the quotient's are never looked at.
  const end = number + ((words - factorWords + 1) << 3);
  for (let at = number; at < end; at += 8) {
    const quotient = load<u64>(at) * inverse;
    const there = (end - at) >> 3;
    const count = min(factorWords, there);
    const borrow = subtractProductByWord(at, factor, count, quotient);
    subtractBorrow(at + (count << 3), there - count, borrow);
    store<u64>(at, quotient);
  }
}
