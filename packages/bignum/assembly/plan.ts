/**
 * How a product is cut: digits of `digitBits` bits and transform lengths ("parts"), distinct powers of two whose sum is at least the
 * digits of the product. The product is taken modulo x^n + 1 for each length n and recombined.
 *
 * The choice is the cheapest that the error model allows. Digits are signed, |d| <= 2^(b-1), so a coefficient is a random walk of
 * min(dA, dB) steps of size 2^(2b)/12; folding an operand of d digits modulo x^n + 1 multiplies its digits by sqrt(d/n). The
 * transform adds a relative error of about 0.35 * 2^-53 * sqrt(log2 n) per coefficient, and the largest of all is taken to be 16.4
 * standard deviations away. The factors were fitted to measured errors; the watch at run time stands behind them.
 */
import { MAX_DIGIT_BITS, MIN_DIGIT_BITS } from './carry-passes';

@unmanaged
export class Plan {
  digitBits: u32;
  partCount: u32;
  /** Sum of the parts: digits of the longest product. */
  total: usize;
  part0: usize;
  part1: usize;
  part2: usize;
  part3: usize;
}

const FIRST_PART: usize = offsetof<Plan>('part0');

export function partSize(plan: Plan, index: u32): usize {
  return load<usize>(changetype<usize>(plan) + FIRST_PART + <usize>index * sizeof<usize>());
}

let longestPart: usize = 0;

/** Parts may have up to `digits` digits: as long as the twiddle tables reach. Every thread calls this. */
export function setLongestPart(digits: usize): void {
  longestPart = digits;
}

/** Which computation the plan is for: each adds its own noise. */
export const NOISE_PRODUCT: f64 = 1.0;
export const NOISE_SQUARE: f64 = 1.5;
export const NOISE_SUM: f64 = 1.5;

const LARGEST_PREDICTED_ERROR: f64 = 0.25;
/** The rows of its first pass are 16 vectors long: digits are cut by eights. */
const SMALLEST_TRANSFORM: usize = 128;
/** Shorter ones are not split into several parts: the extra passes cost more than the closer fit gains. */
const SMALLEST_SPLIT: usize = 1024;
const SMALLEST_PART: usize = 256;
/** Digit sizes below the largest possible that are worth a look. */
const SIZES_TRIED: u32 = 3;

/** Signed digits of `bits` bits that hold `words` words. */
export function digitCount(words: usize, bits: u32): usize {
  return <usize>((<u64>words * 64) / bits) + 2;
}

function predictedError(digitsA: f64, digitsB: f64, bits: u32, smallest: usize, split: bool): f64 {
  const terms = split ? Math.sqrt((digitsA * digitsB) / <f64>smallest) : Math.sqrt(min(digitsA, digitsB));
  const ulp: f64 = 1.0 / 9007199254740992.0;
  return ((terms * <f64>((<u64>1) << (2 * bits))) / 12) * ulp * 0.35 * Math.sqrt(<f64>ctz(smallest)) * 16.4;
}

/** Relative time of one transform of length n: passes over memory plus the linear stages. */
function partCost(n: usize): f64 {
  return <f64>n * (<f64>ctz(n) * 0.25 + 1.6);
}

/** Fills `plan` for operands of `wordsA` and `wordsB` words; digits have at most `maxBits` bits. */
export function choosePlan(plan: Plan, wordsA: usize, wordsB: usize, noise: f64, maxBits: u32): void {
  if (!chooseLengths(plan, wordsA, wordsB, wordsA + wordsB + 1, noise, maxBits, false)) unreachable();
}

/** The same for a product of which `words` words are to be told apart: longer ones come back modulo the product of all x^n + 1. */
export function chooseWrappedPlan(
  plan: Plan,
  wordsA: usize,
  wordsB: usize,
  words: usize,
  noise: f64,
  maxBits: u32,
): void {
  if (!chooseLengths(plan, wordsA, wordsB, words, noise, maxBits, false)) unreachable();
}

/** The same modulo one x^n + 1: what is longer comes back at the low end with the opposite sign. False: no n is long enough. */
export function chooseCyclicPlan(plan: Plan, wordsA: usize, wordsB: usize, words: usize): bool {
  return chooseLengths(plan, wordsA, wordsB, words, NOISE_PRODUCT, MAX_DIGIT_BITS, true);
}

/** Relative time of a transform by the plan. */
export function planCost(plan: Plan): f64 {
  let cost: f64 = 0;
  for (let part: u32 = 0; part < plan.partCount; part++) cost += partCost(partSize(plan, part));
  return cost + recombinationCost(plan.partCount, plan.part0);
}

function recombinationCost(parts: u32, largest: usize): f64 {
  return parts === 1 ? 0 : <f64>parts * <f64>largest * 0.25;
}

/** Allowed lengths: one power of two, or a largest n with any of n/2, n/4, n/8; smaller ones would lose precision. */
function chooseLengths(
  plan: Plan,
  wordsA: usize,
  wordsB: usize,
  words: usize,
  noise: f64,
  maxBits: u32,
  single: bool,
): bool {
  let best = Infinity;
  let lowestBits = MIN_DIGIT_BITS;
  for (let bits = min(maxBits, MAX_DIGIT_BITS); bits >= lowestBits; bits--) {
    const digitsA = digitCount(wordsA, bits);
    const digitsB = digitCount(wordsB, bits);
    const whole = digitsA + digitsB;
    const needed = min(whole, digitCount(words, bits));
    let shortest = SMALLEST_TRANSFORM;
    while (shortest < needed) shortest <<= 1;
    const half = shortest >> 1;
    const masks: u32 = half >= SMALLEST_SPLIT && !single ? 8 : 1;
    for (let mask: u32 = 0; mask < masks; mask++) {
      const largest = mask === 0 ? shortest : half;
      let total = largest;
      let smallest = largest;
      let cost = partCost(largest);
      for (let i: u32 = 0; i < 3; i++) {
        if ((mask & (1 << i)) === 0) continue;
        smallest = half >> (i + 1);
        total += smallest;
        cost += partCost(smallest);
      }
      if (total < needed || largest > longestPart || (mask !== 0 && smallest < SMALLEST_PART)) continue;
      const folded = mask !== 0 || max(digitsA, digitsB) > smallest;
      const error = predictedError(<f64>digitsA, <f64>digitsB, bits, smallest, folded) * noise;
      if (error > LARGEST_PREDICTED_ERROR && bits > MIN_DIGIT_BITS) continue;
      cost += recombinationCost(1 + popcnt(mask), largest);
      if (cost >= best) continue;
      if (best === Infinity) lowestBits = max(MIN_DIGIT_BITS, bits - min(bits, SIZES_TRIED));
      best = cost;
      fill(plan, bits, largest, mask, total);
    }
  }
  return best !== Infinity;
}

function fill(plan: Plan, bits: u32, largest: usize, mask: u32, total: usize): void {
  plan.digitBits = bits;
  plan.total = total;
  plan.part0 = largest;
  let count: u32 = 1;
  for (let i: u32 = 0; i < 3; i++) {
    if ((mask & (1 << i)) === 0) continue;
    store<usize>(changetype<usize>(plan) + FIRST_PART + <usize>count * sizeof<usize>(), largest >> (i + 1));
    count++;
  }
  plan.partCount = count;
}
