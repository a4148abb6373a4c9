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

/** Leader, before anything else is computed. */
export function writeLoopConstants(): void {
  store<f64>(SQRT_HALF, Math.SQRT1_2);
  store<f64>(HALF_SQRT_HALF, Math.SQRT1_2 * 0.5);
  store<f64>(HALF, 0.5);
  store<f64>(ROUNDER, 6755399441055744.0);
}

/** One of them in both lanes. */
export function loopConstant(address: usize): v128 {
  return v128.load64_splat(address);
}
