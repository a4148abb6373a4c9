/**
 * A stretch of Gosper's series for pi as one linear fractional map.
 *
 * Gosper (HAKMEM item 120, 1972) nests pi as `x(1)` with
 *
 *     x(i) = 5i - 2 + c(i) * x(i+1),    c(i) = i(2i-1) / (3(3i+1)(3i+2)),
 *
 * that is 3 + 1/60 (8 + 6/168 (13 + 15/330 (18 + ...))). As c(i) < 2/27, each term brings 1.13 decimal digits.
 *
 * Every tail lies in `5i - 2 < x(i) < 27i/5`. The lower bound holds because all terms are positive. The upper one is kept by the
 * recurrence, since i(2i-1)/(3(3i+1)(3i+2)) <= 2/27 gives 5i - 2 + 2/27 * 27(i+1)/5 = 27i/5 - 8/5 < 27i/5, and it holds for far
 * tails because what a tail leaves out shrinks by 2/27 a term.
 */
export interface SeriesMap {
  /** `x(from) = (scale * x(to) + shift) / denominator`, all three positive. */
  readonly scale: bigint;
  readonly shift: bigint;
  readonly denominator: bigint;
}

/** The map of terms `from` (inclusive, at least 1) to `to` (exclusive, at most 10 million), multiplied together by halves. */
export function mapOfTerms(from: number, to: number): SeriesMap {
  if (to - from === 1) {
    const denominator = BigInt(3 * (3 * from + 1) * (3 * from + 2));
    return { scale: BigInt(from * (2 * from - 1)), shift: denominator * BigInt(5 * from - 2), denominator };
  }
  const middle = (from + to) >> 1;
  return composeMaps(mapOfTerms(from, middle), mapOfTerms(middle, to));
}

/** The map that applies `inner` first, then `outer`. */
export function composeMaps(outer: SeriesMap, inner: SeriesMap): SeriesMap {
  return {
    scale: outer.scale * inner.scale,
    shift: outer.scale * inner.shift + outer.shift * inner.denominator,
    denominator: outer.denominator * inner.denominator,
  };
}
