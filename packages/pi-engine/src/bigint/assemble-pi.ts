import { inverseSquareRoot, quotient } from './fixed-point.ts';

/**
 * pi from Q and T in binary fixed point.
 *
 * pi = 426880 sqrt(10005) Q/T. As Q/T is near 2^-23.7 and the factor before it near 2^25.3, an error of a few units in the last
 * place of the quotient or root grows by less than 2^32. The 64 guard bits therefore leave an error below 2^-28 units in the last
 * place of the result, to which the final shift adds less than one.
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
