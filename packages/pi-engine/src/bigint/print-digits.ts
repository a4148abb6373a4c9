import { EngineError } from '@pi-jobs/core/engine';
import type { DigitOutput } from '../request/digit-output.ts';
import { countCertainDigits } from './certain-digits.ts';
import { stepMs } from './cost-model.ts';
import { residueModulus } from './decimal-residue.ts';
import type { PackedInteger } from './packed-integer.ts';
import type { StepRunner } from './step-runner.ts';
import type { PrintedPiece } from './tasks.ts';

/** Below this a piece is not worth a thread's while. */
const smallestPieceDigits = 20_000;

export interface PrintRequest {
  /** pi * 2^bits, off by less than 2. */
  readonly x: PackedInteger;
  readonly bits: number;
  /** Digits to convert; those at the end that prove uncertain are not given out. */
  readonly digits: number;
  readonly pieces: number;
  readonly priority: number;
}

/**
 * Converts to decimal piece by piece, hands over every digit that is certain, and returns how many that are.
 *
 * A digit is given out only when no error can reach it. While pieces are still to come, the truth lies within two units of the
 * last digit at hand: one for what the later pieces hold, one for the error of x. At the end it lies within four: x is off by less
 * than an eighth of such a unit, the conversion cuts off less than one, and the series, summed to as many digits, adds less than one.
 */
export async function printDigits(
  request: PrintRequest,
  steps: StepRunner,
  output: DigitOutput,
): Promise<number> {
  const { x, bits, digits, priority } = request;
  const pieces = Math.max(1, Math.min(request.pieces, Math.floor(digits / smallestPieceDigits)));
  const bounds = Array.from({ length: pieces + 1 }, (_, i) => Math.round((digits * i) / pieces));
  const cost = stepMs('print', bits) / pieces;
  const printed = bounds
    .slice(1)
    .map((to, i) => steps.run('print', { x, bits, from: bounds[i] ?? 0, to }, { priority, cost }));
  const residue = steps.run('residue', { x }, { priority, cost: 0 });
  steps.inBackground(Promise.all([residue, ...printed]));

  let certain = 0;
  let uncertainTail: Uint8Array = new Uint8Array();
  for (const [i, piece] of printed.entries()) {
    const known = joinBytes(uncertainTail, (await piece).digits);
    const certainHere = countCertainDigits(known, i === pieces - 1 ? 4 : 2);
    await output.offer(certain, known.subarray(0, certainHere));
    certain += certainHere;
    uncertainTail = known.subarray(certainHere);
  }
  checkConversion(await residue, await Promise.all(printed), digits);
  return certain;
}

/** x * 5^(digits - 1) = value * 2^restBits + rest must hold modulo the prime, or the conversion went wrong. */
function checkConversion(residueOfX: number, pieces: readonly PrintedPiece[], digits: number): void {
  const modulus = BigInt(residueModulus);
  let value = 0n;
  for (const piece of pieces) {
    value = (value * power(10n, piece.digits.length, modulus) + BigInt(piece.residue)) % modulus;
  }
  const last = pieces.at(-1);
  const expected = (BigInt(residueOfX) * power(5n, digits - 1, modulus)) % modulus;
  const found = (value * power(2n, last?.restBits ?? 0, modulus) + BigInt(last?.restResidue ?? 0)) % modulus;
  if (expected !== found) throw new EngineError('the conversion to decimal failed its residue check');
}

function power(base: bigint, exponent: number, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

function joinBytes(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
