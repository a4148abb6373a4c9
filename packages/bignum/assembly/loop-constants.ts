/**
 * Constants of vector loops, in memory: V8 keeps in a register what was loaded before a loop, but makes a constant anew in each
 * iteration, by three instructions.
 */
import { LOOP_CONSTANTS } from './memory-map';

export const SQRT_HALF: usize = LOOP_CONSTANTS;
export const HALF_SQRT_HALF: usize = LOOP_CONSTANTS + 8;
/** 1.5 * 2^52: adding and subtracting it rounds to the nearest integer. */
export const ROUNDER: usize = LOOP_CONSTANTS + 16;
export const HALF: usize = LOOP_CONSTANTS + 24;
/** The base of digits of 24 bits, and what it is multiplied by to be 1. */
export const BASE: usize = LOOP_CONSTANTS + 32;
export const BASE_INVERSE: usize = LOOP_CONSTANTS + 40;
/** u64: the bits of such a digit. */
export const DIGIT_MASK: usize = LOOP_CONSTANTS + 48;
/** 2^52, which has a whole number of up to 52 bits for its lowest; what it is with half a digit, and with 2^15, more. */
export const UNIT: usize = LOOP_CONSTANTS + 56;
export const UNIT_HALF_DIGIT: usize = LOOP_CONSTANTS + 64;
export const UNIT_HALF_TOP: usize = LOOP_CONSTANTS + 72;
/** u64: 2^61 - 1. */
export const RESIDUE_MASK: usize = LOOP_CONSTANTS + 80;

/** Leader, before anything else is computed. */
export function writeLoopConstants(): void {
  store<f64>(SQRT_HALF, Math.SQRT1_2);
  store<f64>(HALF_SQRT_HALF, Math.SQRT1_2 * 0.5);
  store<f64>(HALF, 0.5);
  store<f64>(ROUNDER, 6755399441055744.0);
  store<f64>(BASE, 16777216.0);
  store<f64>(BASE_INVERSE, 1.0 / 16777216.0);
  store<u64>(DIGIT_MASK, 0xffffff);
  store<u64>(RESIDUE_MASK, ((<u64>1) << 61) - 1);
  store<f64>(UNIT, 4503599627370496.0);
  store<f64>(UNIT_HALF_DIGIT, 4503599627370496.0 + 8388608.0);
  store<f64>(UNIT_HALF_TOP, 4503599627370496.0 + 32768.0);
}

/** One of them in both lanes. */
export function loopConstant(address: usize): v128 {
  return v128.load64_splat(address);
}
