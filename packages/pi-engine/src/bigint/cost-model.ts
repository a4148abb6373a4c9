import type { PlanNode } from './split-plan.ts';

/** Milliseconds of one BigInt product of two numbers of so many decimal digits, measured; between them the logarithms are linear. */
const productTimes: readonly (readonly [digits: number, ms: number])[] = [
  [1e3, 0.0015],
  [1e4, 0.071],
  [1e5, 1.41],
  [1e6, 22.6],
  [1e7, 281],
  [1e8, 3955],
];
/** Making the three numbers of one term and joining the smallest, in milliseconds a term. */
const termMs = 0.0015;

function productMs(bits: number): number {
  const digits = Math.max(1, bits * Math.LOG10E * Math.LN2);
  const upper = Math.max(
    1,
    productTimes.findIndex(([size]) => size >= digits),
  );
  const [x0, y0] = productTimes[upper - 1] ?? [1, 1];
  const [x1, y1] = productTimes[upper] ?? [1, 1];
  return y0 * (digits / x0) ** (Math.log(y1 / y0) / Math.log(x1 / x0));
}

/** Bits of Q over the terms from `from` to `to`: log2 of the product of 640320^3/24 * k^3. */
function sizeOfQ(from: number, to: number): number {
  const logFactorial = (k: number): number => (k === 0 ? 0 : k * (Math.log2(k) - Math.LOG2E));
  return 53.28 * (to - from) + 3 * (logFactorial(to) - logFactorial(from));
}

/** The cost of joining a node's halves, or of its terms if it is a leaf. */
export function nodeMs(node: PlanNode): number {
  const bits = sizeOfQ(node.from, node.to);
  if (node.halves !== undefined) return 4 * productMs(bits / 2);
  const terms = node.to - node.from;
  let ms = termMs * terms;
  for (let parts = 1; parts < terms; parts *= 2) ms += 4 * parts * productMs(bits / (2 * parts));
  return ms;
}

export function subtreeMs(node: PlanNode): number {
  const halvesMs = node.halves === undefined ? 0 : subtreeMs(node.halves[0]) + subtreeMs(node.halves[1]);
  return halvesMs + nodeMs(node);
}

/** The steps after the splitting, in products of the full length, measured at a million and at four million digits. */
const stepProducts = { root: 3, quotient: 4.5, assemble: 1.5, print: 14 } as const;
/** Bellard's formula, for each hexadecimal place. */
const verificationMsPerPlace = 1.6e-4;

export function stepMs(step: keyof typeof stepProducts, bits: number): number {
  return stepProducts[step] * productMs(bits);
}

export function finishMs(bits: number): number {
  return stepMs('root', bits) + stepMs('quotient', bits) + stepMs('assemble', bits) + stepMs('print', bits);
}

export function verificationMs(bits: number): number {
  return (bits / 4) * verificationMsPerPlace;
}
