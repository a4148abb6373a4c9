import { digitsPerTerm } from './chudnovsky-terms.ts';

/** A node of the splitting tree: terms `from` (inclusive) to `to` (exclusive). */
export interface PlanNode {
  readonly from: number;
  readonly to: number;
  /** Whether a part to the right will need this one's P. */
  readonly needsP: boolean;
  /** Both halves, or undefined for a stretch that one task computes. */
  readonly halves: readonly [PlanNode, PlanNode] | undefined;
  /** Digits that can be given out once this node is done, undefined where no such rung of the ladder stands. */
  readonly rungDigits: number | undefined;
}

const smallestLeafTerms = 256;
/** 64 leaves keep two to sixteen threads evenly busy and make each a small part of the run. */
const deepestLeaf = 6;
/** A rung at every eighth of the terms: as it takes only division, root and conversion, its cost stays below 4 % of the next. */
const rungSpacing = 3;

/**
 * The tree over all terms, halved evenly. Its left edge goes on being halved down to small nodes, because the nodes there, the
 * first eighth of the terms, the first 64th and so on, are themselves whole sums for fewer digits: the rungs of the ladder.
 *
 * @param guardDigits digits at the end of a rung that are computed but too uncertain to give out
 */
export function planSplitting(termCount: number, guardDigits: number, smallestRungDigits: number): PlanNode {
  const build = (from: number, to: number, depth: number, needsP: boolean): PlanNode => {
    const terms = to - from;
    const rung = Math.floor((terms - 1) * digitsPerTerm) - guardDigits;
    const isRung = from === 0 && depth > 0 && depth % rungSpacing === 0 && rung >= smallestRungDigits;
    const isLeaf = terms < 2 * smallestLeafTerms || (depth >= deepestLeaf && from > 0);
    const middle = (from + to) >> 1;
    return {
      from,
      to,
      needsP,
      halves: isLeaf
        ? undefined
        : [build(from, middle, depth + 1, true), build(middle, to, depth + 1, needsP)],
      rungDigits: isRung ? rung : undefined,
    };
  };
  return build(0, termCount, 0, false);
}
