import { type DigitRequest, EngineError } from '@pi-jobs/core/engine';
import { type HexTailVerification, verifyHexTail } from './verify-hex-tail.ts';

/**
 * Checks decimal digits of pi, from the leading 3 on, by the hexadecimal digits that they are worth. It takes a product and a
 * quotient of their length on BigInt, so it is for some thousands of digits.
 *
 * @throws EngineError when they are wrong
 */
export async function verifyDecimalDigits(
  digits: string,
  request: Pick<DigitRequest, 'threads' | 'signal'>,
): Promise<HexTailVerification> {
  // A whole number too much or too little leaves no trace in the fraction.
  if (!digits.startsWith('3'))
    throw new EngineError(`verification failed: pi does not begin with ${digits[0]}`);
  const places = digits.length - 1;
  const scale = 10n ** BigInt(places);
  const hexFraction = async (position: number): Promise<number> => {
    const shifted = (BigInt(digits) << BigInt(4 * position)) % scale;
    return Number((shifted << 53n) / scale) / 2 ** 53;
  };
  return verifyHexTail(Math.floor(places * Math.log2(10)), hexFraction, request);
}
