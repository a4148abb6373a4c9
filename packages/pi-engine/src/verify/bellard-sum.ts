/**
 * Terms of Bellard's formula (Fabrice Bellard, "A new formula to compute the n-th binary digit of pi", 1997)
 *
 *     64 pi = sum (-1)^k / 1024^k (-32/(4k+1) - 1/(4k+3) + 256/(10k+1) - 64/(10k+3) - 4/(10k+5) - 4/(10k+7) + 1/(10k+9)),
 *
 * shifted by `position` hexadecimal places and taken modulo 1. The result needs none of the digits before, no huge integer and
 * nothing that the engines use. It costs 2.8 powers of two modulo a number below 4 * position for each place.
 */

/** Moduli below this leave room for the doubled square in 32-bit arithmetic. */
const fastModulusLimit = 2 ** 30;
const firstBits = 4;
/** Terms below 2^-64 cannot be seen in a double. */
const invisible = -64;

/** How many terms count at `position`. */
export function termsAtPosition(position: number): number {
  return Math.ceil((4 * position + 8 - 6 - invisible) / 10);
}

/** The sum over the terms `from` to `to`, modulo 1; its rounding error grows as the root of the number of terms, near 2^-53 each. */
export function bellardSum(position: number, from: number, to: number): number {
  let sum = 0;
  for (let k = from; k < to; k++) {
    const exponent = 4 * position - 6 - 10 * k;
    const term =
      exponent < 0
        ? smallTerm(k, exponent)
        : 10 * k + 9 < fastModulusLimit
          ? fastTerm(k, exponent)
          : wideTerm(k, exponent);
    sum += k % 2 === 0 ? term : -term;
    sum -= Math.floor(sum);
  }
  return sum;
}

/**
 * All seven powers go side by side, which keeps the processor's multipliers busy: four times the speed of one after the other.
 *
 * Each square is reduced by a quotient estimated in double precision. The estimate is at most one too small or too large, and only
 * where the remainder is next to 0 or m, so the difference of the low 32 bits is the true remainder or misses [0, m) by a trifle.
 */
function fastTerm(k: number, exponent: number): number {
  const m0 = 4 * k + 1;
  const m1 = m0 + 2;
  const m2 = 10 * k + 1;
  const m3 = m2 + 2;
  const m4 = m2 + 4;
  const m5 = m2 + 6;
  const m6 = m2 + 8;
  const i0 = 1 / m0;
  const i1 = 1 / m1;
  const i2 = 1 / m2;
  const i3 = 1 / m3;
  const i4 = 1 / m4;
  const i5 = 1 / m5;
  const i6 = 1 / m6;
  // The first four bits of the exponent make at most 2^15, whose square needs no reduction before.
  let shift = Math.max(0, 32 - firstBits - Math.clz32(exponent));
  const start = 1 << (exponent >>> shift);
  let x0 = start;
  let x1 = start;
  let x2 = start;
  let x3 = start;
  let x4 = start;
  let x5 = start;
  let x6 = start;
  while (shift > 0) {
    shift--;
    const bit = (exponent >>> shift) & 1;
    const factor = 1 + bit;
    x0 = ((Math.imul(x0, x0) << bit) - Math.imul((x0 * x0 * factor * i0) | 0, m0)) | 0;
    x1 = ((Math.imul(x1, x1) << bit) - Math.imul((x1 * x1 * factor * i1) | 0, m1)) | 0;
    x2 = ((Math.imul(x2, x2) << bit) - Math.imul((x2 * x2 * factor * i2) | 0, m2)) | 0;
    x3 = ((Math.imul(x3, x3) << bit) - Math.imul((x3 * x3 * factor * i3) | 0, m3)) | 0;
    x4 = ((Math.imul(x4, x4) << bit) - Math.imul((x4 * x4 * factor * i4) | 0, m4)) | 0;
    x5 = ((Math.imul(x5, x5) << bit) - Math.imul((x5 * x5 * factor * i5) | 0, m5)) | 0;
    x6 = ((Math.imul(x6, x6) << bit) - Math.imul((x6 * x6 * factor * i6) | 0, m6)) | 0;
  }
  return (
    -fraction(32 * x0, m0) -
    fraction(x1, m1) +
    fraction(256 * x2, m2) -
    fraction(64 * x3, m3) -
    fraction(4 * x4, m4) -
    fraction(4 * x5, m5) +
    fraction(x6, m6)
  );
}

/** The numerators as powers of two with their signs, and the denominators `slope * k + offset`. */
const summands = [
  { sign: -1, power: 5, slope: 4, offset: 1 },
  { sign: -1, power: 0, slope: 4, offset: 3 },
  { sign: 1, power: 8, slope: 10, offset: 1 },
  { sign: -1, power: 6, slope: 10, offset: 3 },
  { sign: -1, power: 2, slope: 10, offset: 5 },
  { sign: -1, power: 2, slope: 10, offset: 7 },
  { sign: 1, power: 0, slope: 10, offset: 9 },
] as const;

/** The seven powers of a term that go side by side: as doubles, since their moduli take more than 32 bits. */
const moduli = new Float64Array(summands.length);
const inverses = new Float64Array(summands.length);
const powers = new Float64Array(summands.length);

/** For moduli up to 2^36: every square in two steps of 16 bits, each exact in a double. */
function wideTerm(k: number, exponent: number): number {
  let shift = Math.max(0, Math.floor(Math.log2(exponent)) + 1 - firstBits);
  const start = 2 ** Math.floor(exponent / 2 ** shift);
  for (const [i, { slope, offset }] of summands.entries()) {
    moduli[i] = slope * k + offset;
    inverses[i] = 1 / (slope * k + offset);
  }
  powers.fill(start);
  while (shift > 0) {
    shift--;
    squareAll(1 + (Math.floor(exponent / 2 ** shift) % 2));
  }
  let term = 0;
  for (const [i, { sign, power }] of summands.entries()) {
    const modulus = moduli[i] ?? 1;
    term += sign * fraction(2 ** power * (powers[i] ?? 0), modulus);
  }
  return term;
}

/** Each power becomes its square times `factor` (1 or 2). */
function squareAll(factor: number): void {
  for (let i = 0; i < 7; i++) {
    const modulus = moduli[i] as number;
    const inverse = inverses[i] as number;
    const x = powers[i] as number;
    const high = Math.floor(x / 65_536);
    const low = x - high * 65_536;
    const upper = reduce(high * x * factor, modulus, inverse);
    powers[i] = reduce(upper * 65_536 + low * x * factor, modulus, inverse);
  }
}

function reduce(value: number, modulus: number, inverse: number): number {
  return value - Math.floor(value * inverse) * modulus;
}

function smallTerm(k: number, exponent: number): number {
  let term = 0;
  for (const { sign, power, slope, offset } of summands)
    term += (sign * 2 ** (exponent + power)) / (slope * k + offset);
  return term;
}

function fraction(numerator: number, denominator: number): number {
  return (numerator - Math.floor(numerator / denominator) * denominator) / denominator;
}
