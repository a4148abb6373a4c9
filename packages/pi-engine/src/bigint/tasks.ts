import { assemblePi, quotientForPi, rootForPi } from './assemble-pi.ts';
import { splitTerms } from './chudnovsky-terms.ts';
import { decimalPiece } from './decimal-piece.ts';
import { residueOfDigits, residueOfInteger } from './decimal-residue.ts';
import { type PackedInteger, packInteger, unpackInteger } from './packed-integer.ts';

/** A stretch of the series in packed form. */
export interface PackedPart {
  readonly p: PackedInteger | undefined;
  readonly q: PackedInteger;
  readonly t: PackedInteger;
}

export interface PrintedPiece {
  /** ASCII digits `from` to `to`. */
  readonly digits: Uint8Array;
  /** The number that they write, modulo 2^31 - 1. */
  readonly residue: number;
  /** What is left below the last digit, modulo 2^31 - 1, and its unit 2^-restBits. */
  readonly restResidue: number;
  readonly restBits: number;
}

/** What a worker can be asked to do: plain functions from cloneable input to cloneable output. */
export const tasks = {
  split: (input: { from: number; to: number; withP: boolean }): PackedPart => {
    const { p, q, t } = splitTerms(input.from, input.to, input.withP);
    return { p: p === undefined ? undefined : packInteger(p), q: packInteger(q), t: packInteger(t) };
  },

  multiply: (input: { left: PackedInteger; right: PackedInteger }): PackedInteger =>
    packInteger(unpackInteger(input.left) * unpackInteger(input.right)),

  /** T of two neighbouring parts: left.t * right.q + left.p * right.t. */
  joinSums: (input: {
    leftP: PackedInteger;
    leftT: PackedInteger;
    rightQ: PackedInteger;
    rightT: PackedInteger;
  }): PackedInteger =>
    packInteger(
      unpackInteger(input.leftT) * unpackInteger(input.rightQ) +
        unpackInteger(input.leftP) * unpackInteger(input.rightT),
    ),

  root: (input: { bits: number }): PackedInteger => packInteger(rootForPi(input.bits)),

  quotient: (input: { q: PackedInteger; t: PackedInteger; bits: number }): PackedInteger =>
    packInteger(quotientForPi(unpackInteger(input.q), unpackInteger(input.t), input.bits)),

  assemble: (input: { root: PackedInteger; quotient: PackedInteger; bits: number }): PackedInteger =>
    packInteger(assemblePi(unpackInteger(input.root), unpackInteger(input.quotient), input.bits)),

  print: (input: { x: PackedInteger; bits: number; from: number; to: number }): PrintedPiece => {
    const { value, rest, restBits } = decimalPiece(unpackInteger(input.x), input.bits, input.from, input.to);
    const digits = new TextEncoder().encode(value.toString().padStart(input.to - input.from, '0'));
    return { digits, residue: residueOfDigits(digits), restResidue: residueOfInteger(rest), restBits };
  },

  /** The fraction of x / 2^bits after `position` hexadecimal places, cut to 52 bits, as a double. */
  hexFraction: (input: { x: PackedInteger; bits: number; position: number }): number => {
    const below = BigInt.asUintN(input.bits - 4 * input.position, unpackInteger(input.x));
    return Number(below >> BigInt(input.bits - 4 * input.position - 52)) / 2 ** 52;
  },

  residue: (input: { x: PackedInteger }): number => residueOfInteger(unpackInteger(input.x)),
};

export type Tasks = typeof tasks;
export type TaskKind = keyof Tasks;
export type TaskInput<K extends TaskKind> = Parameters<Tasks[K]>[0];
export type TaskOutput<K extends TaskKind> = ReturnType<Tasks[K]>;
