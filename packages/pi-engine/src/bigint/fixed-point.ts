/**
 * Reciprocals, quotients and roots of huge integers by Newton's iteration, where BigInt's own division costs four products. Each
 * step doubles the precision, so the last one, a product of full and one of half length, is about half of the whole cost.
 */

/** Below this many bits BigInt's division is the faster one. */
const nativeReciprocalBits = 4096;

export function bitLength(value: bigint): number {
  const hex = (value < 0n ? -value : value).toString(16);
  return value === 0n ? 0 : hex.length * 4 - Math.clz32(Number.parseInt(hex[0] ?? '0', 16)) + 28;
}

/**
 * About 2^(divisorBits + bits) / divisor, off by less than 4, for a divisor of exactly `divisorBits` bits.
 *
 * One step takes x with relative error d to x(1 + e) with e = 1 - divisor * x, whose relative error is d^2. Eight bits more than
 * half make that less than 2^-(bits + 10); cutting the divisor and e adds less than 2^-(bits + 13), the last shift less than 1.
 */
export function reciprocal(divisor: bigint, divisorBits: number, bits: number): bigint {
  const surplusBits = Math.max(0, divisorBits - bits - 16);
  const divisorTop = divisor >> BigInt(surplusBits);
  const topBits = divisorBits - surplusBits;
  if (bits <= nativeReciprocalBits) return (1n << BigInt(topBits + bits)) / divisorTop;

  const halfBits = (bits >> 1) + 8;
  const approximation = reciprocal(divisorTop, topBits, halfBits);
  const error = (1n << BigInt(topBits + halfBits)) - divisorTop * approximation;
  const dropped = Math.max(0, topBits - halfBits);
  const correction =
    (approximation * (error >> BigInt(dropped))) >> BigInt(topBits + 2 * halfBits - bits - dropped);
  return (approximation << BigInt(bits - halfBits)) + correction;
}

/** About numerator * 2^bits / divisor, its relative error below 2^(4 - bits), for a quotient below 1 of positive numbers. */
export function quotient(numerator: bigint, divisor: bigint, bits: number): bigint {
  const divisorBits = bitLength(divisor);
  const surplusBits = Math.max(0, divisorBits - bits - 16);
  const inverse = reciprocal(divisor >> BigInt(surplusBits), divisorBits - surplusBits, bits);
  return ((numerator >> BigInt(surplusBits)) * inverse) >> BigInt(divisorBits - surplusBits);
}

/**
 * About 2^bits / sqrt(value), off by less than 4, for a value from 1 to 2^20.
 *
 * One step takes x with relative error d to x(1 + e/2) with e = 1 - value * x^2, whose relative error is 1.5 d^2 to first order.
 */
export function inverseSquareRoot(value: number, bits: number): bigint {
  if (bits <= 52) return BigInt(Math.round(2 ** bits / Math.sqrt(value)));
  const halfBits = (bits >> 1) + 16;
  const approximation = inverseSquareRoot(value, halfBits);
  const error = (1n << BigInt(2 * halfBits)) - BigInt(value) * approximation * approximation;
  return (
    (approximation << BigInt(bits - halfBits)) + ((approximation * error) >> BigInt(3 * halfBits - bits + 1))
  );
}
