import { termsForDigits } from './chudnovsky-terms.ts';
import { finishMs, subtreeMs, verificationMs } from './cost-model.ts';
import { bitsForDigits } from './decimal-piece.ts';
import { type PlanNode, planSplitting } from './split-plan.ts';

/** What one computation consists of and costs. */
export interface DigitPlan {
  readonly tree: PlanNode;
  /** Digits that are computed, the guard digits included. */
  readonly digits: number;
  /** Fraction bits for them. */
  readonly bits: number;
  readonly guardDigits: number;
  readonly totalMs: number;
}

export interface PlanOptions {
  readonly guardDigits: number;
  readonly smallestRungDigits: number;
  readonly verify: boolean;
}

export function planDigits(digitCount: number, options: PlanOptions): DigitPlan {
  const { guardDigits, smallestRungDigits, verify } = options;
  const digits = digitCount + guardDigits;
  const bits = bitsForDigits(digits);
  const tree = planSplitting(termsForDigits(digits), guardDigits, smallestRungDigits);
  const totalMs =
    subtreeMs(tree) + rungsMs(tree, guardDigits) + finishMs(bits) + (verify ? verificationMs(bits) : 0);
  return { tree, digits, bits, guardDigits, totalMs };
}

function rungsMs(node: PlanNode, guardDigits: number): number {
  const own = node.rungDigits === undefined ? 0 : finishMs(bitsForDigits(node.rungDigits + guardDigits));
  return own + (node.halves === undefined ? 0 : rungsMs(node.halves[0], guardDigits));
}
