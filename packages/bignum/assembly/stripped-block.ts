/**
 * Subtrees in which T is kept without what the weights of all its terms have in common (see weights.ts): over many terms they have next to
 * nothing in common, over few T would be several times as long as Q. A row of exponents beside each range says by what T is to be
 * multiplied; where two ranges meet, each T is by what its row has above the other's.
 */
import { divideExactly, oddInverse } from './exact-division';
import { GROUP_LEAVES, LEAF_TERMS, leafGroup } from './leaf';
import { copyRange, mergeRanges, mergeRoom, newRange, Range, settleRange, UNLIMITED } from './merge';
import { copyNatural, Natural, newNatural, setNatural } from './natural';
import { multiply, productRoom } from './product';
import { multiplyResidues } from './residue';
import { allocate, stackTop } from './stack';
import { sieveTerms, TERM_BYTES } from './stripped-terms';
import { gatherFactor, lowerRow, ROW_BYTES } from './weights';

/** A block has at most so many terms. */
export const BLOCK_TERMS: u64 = 1280;
const GROUP_TERMS: u32 = GROUP_LEAVES * LEAF_TERMS;

/** Terms [from, to), T with its weights in full, for which `words` words are enough. */
export function strippedBlock(from: u64, to: u64, words: usize): Range {
  const result = newRange();
  const mark = stackTop();
  // T is moved first when all is over, and so has the lowest place.
  const place = allocate(productRoom(words) << 3);
  const sieve = sieveTerms(from, <u32>(to - from), LEAF_TERMS);
  const range = strippedRange(sieve.terms, from, sieve.count, sieve.rows, 0);
  const none = allocate(ROW_BYTES);
  memory.fill(none, 0, ROW_BYTES);
  divideByRows(range.t, none, sieve.rows);
  copyRange(result, range);
  scaleByRows(result.t, place, sieve.rows, none);
  return settleRange(result, mark);
}

/**
 * Of the terms at `terms`; the first of the leaves' rows becomes the range's own. `group` is where the ranges of the leaves are, once there
 * are so few terms that these are computed together.
 */
function strippedRange(terms: usize, from: u64, count: u32, rows: usize, group: usize): Range {
  if (group !== 0 && count <= LEAF_TERMS) return load<Range>(group);
  const result = newRange();
  const mark = stackTop();
  if (group === 0 && count <= GROUP_TERMS) {
    const leaves = leafGroup(terms, from, count);
    copyRange(result, strippedRange(terms, from, count, rows, leaves));
    return settleRange(result, mark);
  }
  // A whole number of leaves to the left, or of groups of them.
  const unit = group === 0 ? GROUP_TERMS : LEAF_TERMS;
  const split = (((count + unit - 1) / unit) >> 1) * unit;
  const leaves = <usize>split / LEAF_TERMS;
  const rightRows = rows + leaves * ROW_BYTES;
  const rightGroup = group === 0 ? 0 : group + leaves * sizeof<usize>();
  const left = strippedRange(terms, from, split, rows, group);
  const right = strippedRange(
    terms + <usize>split * TERM_BYTES,
    from + <u64>split,
    count - split,
    rightRows,
    rightGroup,
  );
  scaleByRows(left.t, 0, rows, rightRows);
  // P1 in the place of T2, which is more than twice as long.
  const p = newNatural();
  copyNatural(p, left.p);
  scaleByRows(p, 0, rightRows, rows);
  lowerRow(rows, rightRows);
  mergeRanges(result, allocate(mergeRoom(left, right, p)), left, right, p, true, UNLIMITED);
  return settleRange(result, mark);
}

/** Multiplies a number by the primes to the exponents by which row `a` is above row `b`; its words go to `place`, or on the stack. */
function scaleByRows(number: Natural, place: usize, a: usize, b: usize): void {
  const factor = newNatural();
  gatherFactor(factor, a, b);
  const product = newNatural();
  const to = place === 0 ? allocate(productRoom(number.count + factor.count) << 3) : place;
  multiply(product, to, number, factor);
  copyNatural(number, product);
}

/** Divides a number by the same, of which it has to be a multiple. */
function divideByRows(number: Natural, a: usize, b: usize): void {
  const factor = newNatural();
  gatherFactor(factor, a, b);
  const before = number.residue;
  divideExactly(number.words, number.count, factor.words, factor.count, oddInverse(load<u64>(factor.words)));
  setNatural(number, number.words, number.count - factor.count + 1);
  if (multiplyResidues(number.residue, factor.residue) !== before) unreachable();
}
