import { EngineError } from '@pi-jobs/core/engine';
import { type HexFractionOptions, hexFractionOfPi } from './hex-fraction.ts';

const mostComparedDigits = 8;
/** Bits at the end of the result that need not be right. */
const slackBits = 24;

/** What an engine's certificate says about its hexadecimal tail. */
export type HexTailVerification = Readonly<{
  method: string;
  /** Hexadecimal places after the point that precede the tail. */
  hexPosition: number;
  /** The hexadecimal digits from there on, on which the engine and Bellard's formula agree: eight, fewer below ten decimal digits. */
  hexTail: string;
}>;

/**
 * Compares the last hexadecimal digits of a binary result with those that Bellard's formula gives at the same place. They depend on
 * every step before, so a slip anywhere in splitting, root or division shows with a probability of all but 2^-31.
 *
 * @param bits fraction bits of the result that are right up to the last few
 * @param hexFractionOfResult 16^position * pi modulo 1, according to the result
 * @throws EngineError when they differ
 */
export async function verifyHexTail(
  bits: number,
  hexFractionOfResult: (position: number) => Promise<number>,
  options: HexFractionOptions,
): Promise<HexTailVerification> {
  const hexPosition = Math.max(0, Math.floor((bits - slackBits) / 4) - mostComparedDigits);
  const comparedDigits = Math.min(mostComparedDigits, Math.floor(bits / 4));
  const [found, expected] = await Promise.all([
    hexFractionOfResult(hexPosition),
    hexFractionOfPi(hexPosition, options),
  ]);
  const distance = Math.abs(found - expected);
  if (Math.min(distance, 1 - distance) > 16 ** -comparedDigits) {
    throw new EngineError(
      `verification failed: the hexadecimal digits after place ${hexPosition} are ${hexDigits(found, comparedDigits)}, Bellard's formula says ${hexDigits(expected, comparedDigits)}`,
    );
  }
  return { method: "Bellard's formula", hexPosition, hexTail: hexDigits(found, comparedDigits) };
}

function hexDigits(fraction: number, count: number): string {
  return Math.floor(fraction * 16 ** mostComparedDigits)
    .toString(16)
    .padStart(mostComparedDigits, '0')
    .slice(0, count);
}
