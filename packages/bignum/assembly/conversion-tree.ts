/**
 * The tree of a conversion: a node of 2h digits is split by 10^h into halves of h digits, down to leaves that are written word by word.
 * All nodes of a level share one power 5^h and its transform. Halves that begin behind the last digit are left out, so that a leaf
 * may have the length whose transforms are filled best.
 */
import { copyPlan, KeptFactor, newKeptFactor, transformFactor } from './kept-factor';
import { modulusWords } from './known';
import { Natural, newNatural, setNatural } from './natural';
import { chooseCyclicPlan, choosePlan, NOISE_PRODUCT, Plan, planCost } from './plan';
import { multiply, NO_LIMIT, productRoom, SMALL_TOTAL_WORDS } from './product';
import { addResidues, inverseResidue, residueOfPower, residueOfPowerOfTwo } from './residue';
import { allocate, release, stackTop } from './stack';
import { multiplyByWord } from './words';

const BITS_PER_DIGIT: f64 = 3.321928094887363;
const BITS_PER_POWER: f64 = 2.321928094887363;
/** A leaf's digits are a multiple of the 18 that come out of a word at a time. */
export const WORD_DIGITS: usize = 18;
const LONGEST_LEAF: usize = 26 * WORD_DIGITS;
const SHORTEST_LEAF: usize = 13 * WORD_DIGITS;
/** 5^18 */
const WORD_POWER: u64 = 3814697265625;
export const MOST_LEVELS: usize = 40;

/** Words that `digits` digits take, with a margin of 64 bits or more. */
export function fractionWords(digits: usize): usize {
  return <usize>((<f64>digits * BITS_PER_DIGIT) / 64) + 2;
}

/** A level of the tree: nodes of twice `half` digits are split by 5^half. */
@unmanaged
export class Level {
  half: usize;
  /** 5^half with its transform, which is missing where products are small. */
  factor: KeptFactor;
  isSmall: bool;
  /** Whether products are taken modulo one x^n + 1 (see scale-fraction.ts), and then the inverse of 2^N + 1 modulo 2^61 - 1. */
  isCyclic: bool;
  inverseModulus: u64;
  /** 10^half modulo 2^61 - 1 */
  scale: u64;
}

@unmanaged
export class Tree {
  levels: usize;
  leafDigits: usize;
  /** Digits that are meant; the tree has room for more. */
  digits: usize;
  /** By level, a Level. */
  level: usize;
}

export function levelOf(tree: Tree, level: usize): Level {
  return changetype<Level>(load<usize>(tree.level + level * sizeof<usize>()));
}

export function nodeDigits(tree: Tree, level: usize): usize {
  return tree.leafDigits << (tree.levels - level);
}

/** A tree for so many digits, without its levels. */
export function newTree(digits: usize): Tree {
  const tree = changetype<Tree>(allocate(offsetof<Tree>()));
  tree.digits = digits;
  tree.leafDigits = bestLeafDigits(digits);
  tree.levels = levelCount(digits, tree.leafDigits);
  return tree;
}

/** Digits that the tree for `digits` digits has room for, at least as many. */
export function treeDigits(digits: usize): usize {
  const leaf = bestLeafDigits(digits);
  return leaf << levelCount(digits, leaf);
}

function levelCount(digits: usize, leafDigits: usize): usize {
  let levels: usize = 0;
  while (digits > leafDigits << levels) levels++;
  return levels;
}

/** The last answer of `bestLeafDigits`, which is asked several times. */
let plannedDigits: usize = 0;
let plannedLeaf: usize = 0;

/** The leaf whose tree has the cheapest products. */
function bestLeafDigits(digits: usize): usize {
  if (digits === plannedDigits) return plannedLeaf;
  const mark = stackTop();
  const plan = changetype<Plan>(allocate(offsetof<Plan>()));
  let best = Infinity;
  let bestLeaf: usize = 0;
  for (let leaf = LONGEST_LEAF; leaf > SHORTEST_LEAF; leaf -= WORD_DIGITS) {
    const cost = treeCost(plan, digits, leaf);
    if (cost >= best) continue;
    best = cost;
    bestLeaf = leaf;
  }
  release(mark);
  plannedDigits = digits;
  plannedLeaf = bestLeaf;
  return bestLeaf;
}

function treeCost(plan: Plan, digits: usize, leafDigits: usize): f64 {
  let cost: f64 = 0;
  for (let half = leafDigits; half < digits; half <<= 1) {
    const words = scaledWords(half) + powerWords(half);
    const products = <f64>(((digits - 1) / half + 1) >> 1);
    if (words <= SMALL_TOTAL_WORDS) {
      cost += products * COST_OF_WORD * <f64>words;
    } else if (half << 1 < digits) {
      chooseLevelPlan(plan, half, powerWords(half));
      cost += products * planCost(plan);
    } else {
      // At the root, the fraction's words that are there; of three transforms none is kept.
      choosePlan(plan, fractionWords(digits), powerWords(half), NOISE_PRODUCT, NO_LIMIT);
      cost += 1.5 * planCost(plan);
    }
  }
  return cost;
}

/** Of a small product, in the units of `planCost`. */
const COST_OF_WORD: f64 = 12;

function powerWords(half: usize): usize {
  return <usize>((<f64>half * BITS_PER_POWER) / 64) + 1;
}

/**
 * Bits of a node's fraction that its right half comes from: those above a multiple of 2^half fall off, as 10^half = 5^half 2^half.
 */
export function scaledBits(half: usize): usize {
  return (fractionWords(half << 1) << 6) - half;
}

/** Words that hold them. */
export function scaledWords(half: usize): usize {
  return (scaledBits(half) + 63) >> 6;
}

/** The plan of a level's products; returns whether they are cyclic, which pays off where one transform is about long enough. */
function chooseLevelPlan(plan: Plan, half: usize, wordsOfPower: usize): bool {
  const words = scaledWords(half);
  choosePlan(plan, words, wordsOfPower, NOISE_PRODUCT, NO_LIMIT);
  const mark = stackTop();
  const cyclic = changetype<Plan>(allocate(offsetof<Plan>()));
  const isLong = chooseCyclicPlan(cyclic, words, wordsOfPower, wordsOfPower + fractionWords(half) + 2);
  const isCheaper = isLong && planCost(cyclic) < planCost(plan);
  if (isCheaper) copyPlan(plan, cyclic);
  release(mark);
  return isCheaper;
}

/** The powers 5^half from the leaves up, each the square of the one below, and their transforms. */
export function buildLevels(tree: Tree): void {
  tree.level = allocate(MOST_LEVELS * sizeof<usize>());
  let power = newNatural();
  power.words = allocate((fractionWords(tree.leafDigits) + 8) << 3);
  store<u64>(power.words, 1);
  power.count = 1;
  for (let i: usize = 0; i < tree.leafDigits; i += WORD_DIGITS) {
    const carry = multiplyByWord(power.words, power.words, power.count, WORD_POWER);
    store<u64>(power.words + (power.count << 3), carry);
    if (carry !== 0) power.count++;
  }
  setNatural(power, power.words, power.count);
  for (let index = tree.levels; index > 0; index--) {
    buildLevel(tree, index - 1, power);
    if (index === 1) break;
    const square = newNatural();
    multiply(square, allocate(productRoom(power.count << 1) << 3), power, power);
    power = square;
  }
}

function buildLevel(tree: Tree, index: usize, power: Natural): void {
  const level = changetype<Level>(allocate(offsetof<Level>()));
  store<usize>(tree.level + index * sizeof<usize>(), changetype<usize>(level));
  level.half = nodeDigits(tree, index + 1);
  level.factor = newKeptFactor(power);
  level.scale = residueOfPower(10, <u64>level.half);
  level.isCyclic = false;
  level.isSmall = scaledWords(level.half) + power.count <= SMALL_TOTAL_WORDS;
  // The power at the root is used once.
  if (index === 0 || level.isSmall) return;
  level.isCyclic = chooseLevelPlan(level.factor.plan, level.half, power.count);
  const modulusBits = (<u64>modulusWords(level.factor.plan)) << 6;
  level.inverseModulus = inverseResidue(addResidues(residueOfPowerOfTwo(modulusBits), 1));
  transformFactor(level.factor);
}
