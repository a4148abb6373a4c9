import { inverseSquareRoot, quotient } from './fixed-point.ts';

/**
 * pi from Q and T in binary fixed point.
 *
 * pi = 426880 sqrt(10005) Q/T, in which Q/T is near 2^-23.7 and the factor before it near 2^25.4. One unit in the last place of
 * the quotient therefore counts 2^25.4 times in the product; the root's 40,020 units at most count less. The 64 guard bits leave an
 * error below 2^-28 units in the last place of the result, to which the final shift adds less than one.
 */
const guardBits = 64;

/** sqrt(10005) * 2^(bits + 64); `bits` are the fraction bits wanted of pi. */
export function rootForPi(bits: number): bigint {
  return 10_005n * inverseSquareRoot(10_005, bits + guardBits);
}

/** Q/T * 2^(bits + 64). */
export function quotientForPi(q: bigint, t: bigint, bits: number): bigint {
  return quotient(q, t, bits + guardBits);
}

/** pi * 2^bits, off by less than 2, out of the two above made for the same `bits`. */
export function assemblePi(root: bigint, quotientOfParts: bigint, bits: number): bigint {
  return (426_880n * root * quotientOfParts) >> BigInt(bits + 2 * guardBits);
}
