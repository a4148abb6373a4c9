/**
 * Chudnovsky's series by binary splitting:
 *
 *     pi = 426880 sqrt(10005) Q / (13591409 Q - |T|)
 *     p(k) = (6k-5)(2k-1)(6k-1)   q(k) = k^3 640320^3/24   a(k) = 13591409 + 545140134 k
 *
 * over k = 1, 2, ...; each term gives 14.18 digits. Terms alternate in sign, so |T| = |T1| Q2 + |P1 T2| as long as the left range
 * has an even number of terms: every split is even, and no sign is ever stored.
 *
 * Numbers are without most of the small primes in p(k) and k (see `weights.ts`). Here are the low subtrees, which one thread computes alone;
 * below are those of `stripped-block.ts`, the levels above in `series.ts`.
 */
import { mergeRanges, mergeRoom, newRange, Range, settleRange, truncateRange, UNLIMITED } from './merge';
import { allocate, stackTop } from './stack';
import { BLOCK_TERMS, strippedBlock } from './stripped-block';
import { WEIGHT_WORDS } from './weights';

const DIGITS_PER_TERM: f64 = 14.181647462725477;
/** P over k terms is shorter than Q by 47.11 k bits, before either is stripped. */
const BITS_PER_TERM: u64 = 47;

export function termCount(digits: f64): u64 {
  return <u64>(digits / DIGITS_PER_TERM) + 2;
}

/** Upper estimate of the words of Q, and of T with its weights, over terms up to `last`. */
export function rangeWords(terms: u64, last: u64): usize {
  return <usize>((terms * (3 * (64 - clz(last)) + 54)) / 64) + 4 + WEIGHT_WORDS;
}

/** Where to split [from, to): in the middle, after an even number of terms. */
function middle(from: u64, to: u64): u64 {
  return from + (((to - from) >> 2) << 1);
}

/**
 * Words of Q that a range needs which begins so many terms behind one that needs `words`. A sum depends on a range by its T / Q and
 * P / Q only, not on Q itself, and what stands before it, P / Q of those terms, makes it that much smaller.
 */
export function wordsBehind(words: usize, terms: u64): usize {
  return words - <usize>((terms * BITS_PER_TERM) >> 6);
}

/** Terms [from, to) by this thread alone, cut to `words` words of Q; the result is all that stays on its stack. */
export function soloRange(from: u64, to: u64, words: usize): Range {
  if (to - from <= BLOCK_TERMS) return strippedBlock(from, to, rangeWords(to - from, to));
  const result = newRange();
  const mark = stackTop();
  const split = middle(from, to);
  const left = soloRange(from, split, words);
  const right = soloRange(split, to, wordsBehind(words, split - from));
  mergeRanges(result, allocate(mergeRoom(left, right, left.p)), left, right, left.p, true, UNLIMITED);
  truncateRange(result, words);
  return settleRange(result, mark);
}
