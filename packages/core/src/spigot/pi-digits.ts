import { composeMaps, mapOfTerms, type SeriesMap } from './gosper-series.ts';

const digitsPerTerm = Math.log10(27 / 2);
const firstBlockDigits = 32;
/** A block is this part of what is out already: a step passes over the whole state, so fewer, longer steps cost less. */
const blockGrowth = 1 / 4;
/** Keeps a step short, which is as long as the generator keeps its thread: 30 ms after 50,000 digits. */
const longestBlockDigits = 4096;

/**
 * The digits of pi without end, leading 3 first, as strings of at least one decimal digit, each as soon as it is certain.
 *
 * Gibbons' streaming algorithm ("Unbounded spigot algorithms for the digits of pi", American Mathematical Monthly 113, 2006) on
 * Gosper's series, with many terms taken in and many digits given out at a time. The state is a linear fractional map that turns
 * the unknown tail of the series into what is left of pi. A block of digits is given out only when both ends of the interval in
 * which the tail lies agree on it; as the map is increasing and the tail lies within, the block is pi's. Nothing is ever guessed,
 * so no run of nines or zeros needs a carry: such a run at a block's end merely takes in one more term.
 *
 * Cost: after n digits the state holds O(n log n) bits, and a block takes some ten products and one quotient of that size.
 */
export function* piDigitBlocks(): Generator<string, never> {
  let state: SeriesMap = { scale: 1n, shift: 0n, denominator: 1n };
  let nextTerm = 1;
  let digitsOut = 0;
  for (;;) {
    const blockDigits = Math.min(
      Math.max(firstBlockDigits, Math.floor(digitsOut * blockGrowth)),
      longestBlockDigits,
    );
    // Before the first block pi itself is left, later its fraction: that is one digit before the point to start with.
    const power = 10n ** BigInt(digitsOut === 0 ? blockDigits - 1 : blockDigits);
    let termsWanted = Math.ceil(blockDigits / digitsPerTerm);
    let block: bigint | undefined;
    while (block === undefined) {
      state = composeMaps(state, mapOfTerms(nextTerm, nextTerm + termsWanted));
      nextTerm += termsWanted;
      block = certainBlock(state, nextTerm, power);
      termsWanted = 1;
    }
    yield block.toString().padStart(blockDigits, '0');
    digitsOut += blockDigits;
    state = {
      scale: state.scale * power,
      shift: state.shift * power - block * state.denominator,
      denominator: state.denominator,
    };
  }
}

/** The digits of pi one by one, without end: 3, 1, 4, 1, 5, ... Same cost as the blocks. */
export function* piDigits(): Generator<number> {
  for (const block of piDigitBlocks()) {
    for (const digit of block) yield Number(digit);
  }
}

/** The whole part of `power` times the state's value, if it is the same for every tail that is possible at term `term`. */
function certainBlock(state: SeriesMap, term: number, power: bigint): bigint | undefined {
  const i = BigInt(term);
  const low = ((state.scale * (5n * i - 2n) + state.shift) * power) / state.denominator;
  const highTimesFive = (state.scale * 27n * i + 5n * state.shift) * power;
  return highTimesFive < (low + 1n) * 5n * state.denominator ? low : undefined;
}
