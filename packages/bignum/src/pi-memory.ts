import { HEADER_END, MOST_PAGES, PAGE_BYTES } from './memory-map.ts';

/** All that a computation can have. */
export const mostMemoryBytes = MOST_PAGES[64] * PAGE_BYTES;

/** The longest product is that of the last merge, twice as many bits as the result, in digits of 17 bits or more. */
export function logVectors(decimals: number): number {
  const digits = (2 * (decimals + 2000) * Math.log2(10)) / 17;
  // Parts of n, n/2, n/4 and n/8 digits, four a vector.
  return Math.max(10, Math.ceil(Math.log2(digits / (4 * 1.875))));
}

/** Memory that a computation touches, an upper estimate: tables, and what was measured at powers of ten. */
export function piMemoryBytes(decimals: number, threads: number): number {
  return HEADER_END + 2 ** logVectors(decimals) * 32 + decimals * 11 + threads * 60_000_000;
}
