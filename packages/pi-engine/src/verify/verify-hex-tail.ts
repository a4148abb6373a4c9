import { type DigitRequest, EngineError } from '@pi-jobs/core/engine';
import { hexFractionOfPi } from './hex-fraction.ts';

const comparedDigits = 8;

/** What an engine's certificate says about its hexadecimal tail. */
export type HexTailVerification = Readonly<{
  method: string;
  /** Hexadecimal places after the point that precede the tail. */
  hexPosition: number;
  /** The eight hexadecimal digits from there on, as the engine has them and as Bellard's formula gives them. */
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
  request: Pick<DigitRequest, 'threads' | 'signal'>,
): Promise<HexTailVerification> {
  const hexPosition = Math.max(0, Math.floor((bits - 56) / 4));
  const [found, expected] = await Promise.all([
    hexFractionOfResult(hexPosition),
    hexFractionOfPi(hexPosition, request),
  ]);
  const distance = Math.abs(found - expected);
  if (Math.min(distance, 1 - distance) > 16 ** -comparedDigits) {
    throw new EngineError(
      `verification failed: the hexadecimal digits after place ${hexPosition} are ${hexDigits(found)}, Bellard's formula says ${hexDigits(expected)}`,
    );
  }
  return { method: "Bellard's formula", hexPosition, hexTail: hexDigits(found) };
}

function hexDigits(fraction: number): string {
  return Math.floor(fraction * 16 ** comparedDigits)
    .toString(16)
    .padStart(comparedDigits, '0');
}
