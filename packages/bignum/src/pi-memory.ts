import { HEADER_END, MOST_PAGES, PAGE_BYTES } from './memory-map.ts';

/** All that a computation can have. */
export const mostMemoryBytes = MOST_PAGES[64] * PAGE_BYTES;

/** The longest product is that of the last merge, twice as many bits as the result, in digits of 17 bits or more. */
export function logVectors(decimals: number): number {
  const digits = (2 * (decimals + 2000) * Math.log2(10)) / 17;
  // Parts of n, n/2, n/4 and n/8 digits, four a vector.
  return Math.max(10, Math.ceil(Math.log2(digits / (4 * 1.875))));
}

/** From here on the last merges take one product after the other (see merge.ts). */
const fewestSparingDecimals = 20_200_000;
/** T has so many words more than Q where it is short (see weights.ts). */
const weightWords = 73;
/** For each decimal: measured from 300,000 digits to 20 million. */
const bytesWithSums = 17.9;

/** Memory that a computation touches, an upper estimate. */
export function piMemoryBytes(decimals: number, threads: number): number {
  const tables = 2 ** logVectors(decimals) * 32;
  return HEADER_END + tables + Math.max(mergeBytes(decimals), subtreeBytes(decimals, threads)) + 1_000_000;
}

/** Numbers and buffers of the last merges; digits get shorter as transforms get longer. */
function mergeBytes(decimals: number): number {
  // Never less than for fewer decimals, so that there is one answer to how many fit.
  const most = Math.min(decimals, fewestSparingDecimals) * bytesWithSums;
  return Math.max(most, decimals * (9.8 + 0.7 * Math.log10(decimals / 1e7)));
}

/** While the last block of subtrees is computed: all other ranges, places for the block, workspaces of the threads (see series.ts). */
function subtreeBytes(decimals: number, threads: number): number {
  const terms = decimals / 14.18;
  const subtrees = powerOfTwoFrom(Math.max(8, threads * 4, terms / 70_000));
  const block = Math.min(subtrees, powerOfTwoFrom(threads * 8));
  const words = ((terms / subtrees) * (3 * Math.log2(terms + 2) + 57)) / 64 + 4 + weightWords;
  return decimals * 3.2 * (1 - block / subtrees) + words * (block * 24 + threads * 420) + threads * 300_000;
}

function powerOfTwoFrom(least: number): number {
  return 2 ** Math.ceil(Math.log2(least));
}

/** Address space to lay the computation out in: it traps where the estimate is exceeded by that much. */
export function reservedBytes(decimals: number, threads: number): number {
  return piMemoryBytes(decimals, threads) * 1.15 + threads * 4_000_000 + 4_000_000;
}
