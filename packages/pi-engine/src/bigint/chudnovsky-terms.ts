/**
 * Binary splitting of the Chudnovsky series
 *
 *     1/pi = 12 * sum (-1)^k (6k)! (13591409 + 545140134 k) / ((3k)! k!^3 640320^(3k + 3/2)),
 *
 * after Haible and Papanikolaou ("Fast multiprecision evaluation of series of rational numbers", 1998). A stretch [from, to) of
 * terms is three integers with P(a,b) = P(a,m) P(m,b), Q likewise and T(a,b) = T(a,m) Q(m,b) + P(a,m) T(m,b); over all terms
 * pi = 426880 sqrt(10005) Q / T. Each term brings 14.18 decimal digits. N terms take O(log N) products of the size of Q.
 */
export interface SeriesPart {
  /** Left out where nothing follows to the right that would need it. */
  readonly p: bigint | undefined;
  readonly q: bigint;
  readonly t: bigint;
}

/** Decimal digits that one term brings: log10(640320^3 / 1728). */
export const digitsPerTerm = 14.181647462725477;

/** Terms whose sum has a relative error below 10^-digits: what is left out alternates and shrinks, so one more term bounds it. */
export function termsForDigits(digits: number): number {
  return Math.ceil(digits / digitsPerTerm) + 1;
}

const cubeOver24 = 10_939_058_860_032_000n;

/** Terms `from` (inclusive, at least 0) to `to` (exclusive, at most 16 million, which keeps the products of doubles exact). */
export function splitTerms(from: number, to: number, withP: boolean): SeriesPart {
  const part = splitWithP(from, to);
  return withP ? part : { ...part, p: undefined };
}

interface FullPart extends SeriesPart {
  readonly p: bigint;
}

function splitWithP(from: number, to: number): FullPart {
  if (to - from === 1) return singleTerm(from);
  const middle = (from + to) >> 1;
  const left = splitWithP(from, middle);
  const right = splitWithP(middle, to);
  return { p: left.p * right.p, q: left.q * right.q, t: left.t * right.q + left.p * right.t };
}

function singleTerm(k: number): FullPart {
  if (k === 0) return { p: 1n, q: 1n, t: 13_591_409n };
  const p = BigInt(-(6 * k - 5) * (2 * k - 1)) * BigInt(6 * k - 1);
  return { p, q: BigInt(k * k) * BigInt(k) * cubeOver24, t: p * BigInt(13_591_409 + 545_140_134 * k) };
}
