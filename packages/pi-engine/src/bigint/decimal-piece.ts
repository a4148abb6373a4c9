/** Fraction bits so that one unit in the last of them is less than a sixteenth of one in the last of `digits` decimal digits. */
export function bitsForDigits(digits: number): number {
  return Math.ceil(digits * Math.log2(10)) + 4;
}

export interface DecimalPiece {
  /** The digits from `from` to `to` as an integer. */
  readonly value: bigint;
  /** What is left below the last of them, in units of 2^-restBits. */
  readonly rest: bigint;
  readonly restBits: number;
}

/**
 * Digits `from` (inclusive) to `to` (exclusive) of the fixed-point number x / 2^bits, where digit 0 is the one before the point.
 *
 * Multiplying by 5^k and dropping the whole part shifts k digits out, exactly: x * 10^k = x * 5^k * 2^k. So every piece stands on
 * its own, at the cost of one product for the digits skipped and one for those wanted, and threads can share the conversion.
 */
export function decimalPiece(x: bigint, bits: number, from: number, to: number): DecimalPiece {
  const skipped = Math.max(0, from - 1);
  const afterSkip = from === 0 ? x : BigInt.asUintN(bits - skipped, x * 5n ** BigInt(skipped));
  const wanted = to - 1 - skipped;
  const restBits = bits - skipped - wanted;
  const shifted = afterSkip * 5n ** BigInt(wanted);
  return { value: shifted >> BigInt(restBits), rest: BigInt.asUintN(restBits, shifted), restBits };
}
