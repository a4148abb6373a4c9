/**
 * From a binary fraction to decimal digits, by scaled remainders: of a fraction F that holds 2h digits, the first h are the digits of
 * F cut to fewer words, and the last h those of F 10^h modulo 1, cut likewise. One product with 5^h a node, the transform of 5^h
 * shared by all nodes of a level; the power of two is a shift.
 *
 * Fractions are rounded down and carry 64 bits or more beyond their digits. A node adds at most one unit of that to the error, so
 * digits are certain unless what remains behind the last digit of a leaf is within levels + 2 units of 1: that is watched.
 *
 * The tree is walked from left to right, a block of some million digits after the other: all threads share the products on the way to
 * a block, then each takes nodes of the block by itself. What is kept is one fraction for each right turn of the way.
 */
import { DOUBTFUL_DIGITS } from './memory-map';
import { Natural, newNatural, setNatural } from './natural';
import { choosePlan, NOISE_PRODUCT, Plan } from './plan';
import {
  allocateVectors,
  attempt,
  finish,
  multiply,
  NO_LIMIT,
  newTask,
  productRoom,
  SMALL_TOTAL_WORDS,
  setOperandA,
  setOperandB,
} from './product';
import {
  addResidues,
  multiplyResidues,
  reduceWord,
  residueOfPower,
  residueOfPowerOfTwo,
  residueOfWords,
} from './residue';
import { allocate, release, setStack, stackLimit, stackTop } from './stack';
import { TASK_CONVERT, TASK_PRODUCT } from './task-kinds';
import { claimItem, fork, resetItems, setSolo, threadCount, threadNumber } from './team';
import { FORWARD, PRODUCT } from './transform';
import { copyWords, extractWords, multiplyByWord } from './words';

const BITS_PER_DIGIT: f64 = 3.321928094887363;
/** A leaf's digits are a multiple of the 18 that come out of a word at a time. */
const WORD_DIGITS: usize = 18;
const WORD_SCALE: u64 = 1000000000000000000;
const LONGEST_LEAF: usize = 22 * WORD_DIGITS;
const MOST_LEVELS: usize = 40;

/** Words that `digits` digits take, with a margin of 64 bits or more. */
export function fractionWords(digits: usize): usize {
  return <usize>((<f64>digits * BITS_PER_DIGIT) / 64) + 2;
}

/** A level of the tree: nodes of twice `half` digits are split by 5^half. */
@unmanaged
export class Level {
  half: usize;
  power: Natural;
  plan: Plan;
  /** Transform of the power, zero where products are small. */
  vectors: usize;
}

@unmanaged
export class ConvertTask {
  levels: usize;
  leafDigits: usize;
  /** Digits that are meant; the tree has more. */
  digits: usize;
  /** By level, a Level. */
  level: usize;
  /** From `blockLevel` on nodes are converted at once; their text and the number of its first digit. */
  blockLevel: usize;
  text: usize;
  textStart: usize;
  /** From this level on threads work alone, a node each; `nodes` has their fractions, the first is number `firstNode` of the level. */
  soloLevel: usize;
  firstNode: usize;
  nodes: usize;
  workspaces: usize;
  workspaceBytes: usize;
}

function levelOf(task: ConvertTask, level: usize): Level {
  return changetype<Level>(load<usize>(task.level + level * sizeof<usize>()));
}

function nodeDigits(task: ConvertTask, level: usize): usize {
  return task.leafDigits << (task.levels - level);
}

/** Digits that the tree for `digits` digits produces, at least as many. */
export function treeDigits(digits: usize): usize {
  return leafDigits(digits) << treeLevels(digits);
}

function treeLevels(digits: usize): usize {
  let levels: usize = 0;
  while (digits > LONGEST_LEAF << levels) levels++;
  return levels;
}

function leafDigits(digits: usize): usize {
  const leaves = (<usize>1) << treeLevels(digits);
  const perLeaf = (digits + leaves - 1) / leaves;
  return ((perLeaf + WORD_DIGITS - 1) / WORD_DIGITS) * WORD_DIGITS;
}

/** The conversion that goes on: leader. */
let task: ConvertTask = changetype<ConvertTask>(<usize>0);
let nextBlockIndex: usize = 0;
/** The block that the way leads to. */
let reachedBlock: usize = 0;
/** By level, the fraction of the node on the way and where the stack ended when it was there. */
let way: usize = 0;
let wayTops: usize = 0;
/** The texts of two blocks: one is read while the next is written. */
let texts: usize = 0;
let certified: bool = false;
let textResidue: u64 = 0;

/**
 * Begins to convert the fraction at `fraction` (fractionWords(treeDigits(digits)) words) to `digits` decimal digits, with the block
 * that has digit `from`, or with the first when a certificate is wanted; returns that block's first digit. Leader.
 */
export function openConversion(fraction: usize, digits: usize, from: usize, certify: bool): usize {
  task = changetype<ConvertTask>(allocate(offsetof<ConvertTask>()));
  task.levels = treeLevels(digits);
  task.leafDigits = leafDigits(digits);
  task.digits = digits;
  task.soloLevel = soloLevel(task);
  task.blockLevel = blockLevel(task);
  task.level = allocate(MOST_LEVELS * sizeof<usize>());
  buildLevels(task);
  task.nodes = allocate(((<usize>1) << (task.soloLevel - task.blockLevel)) * sizeof<usize>());
  task.workspaceBytes = fractionWords(nodeDigits(task, task.soloLevel)) * 160 + (1 << 18);
  texts = allocate(2 * textBytes());
  way = allocate(MOST_LEVELS * sizeof<usize>());
  wayTops = allocate(MOST_LEVELS * sizeof<usize>());
  store<usize>(way, fraction);
  store<usize>(wayTops, stackTop());
  certified = certify;
  textResidue = 0;
  nextBlockIndex = certify ? 0 : min(from, digits - 1) / nodeDigits(task, task.blockLevel);
  for (let level: usize = 1; level <= task.blockLevel; level++) {
    turn(level, ((nextBlockIndex >> (task.blockLevel - level)) & 1) !== 0);
  }
  reachedBlock = nextBlockIndex;
  return nextBlockIndex * nodeDigits(task, task.blockLevel);
}

function textBytes(): usize {
  return nodeDigits(task, task.blockLevel) + 64;
}

/** One level down on the way, to the left or to the right half of the node above. */
function turn(level: usize, right: bool): void {
  const above = load<usize>(way + (level - 1) * sizeof<usize>());
  release(load<usize>(wayTops + (level - 1) * sizeof<usize>()));
  const split = levelOf(task, level - 1);
  let fraction = leftFraction(above, split);
  if (right) {
    fraction = allocate(fractionWords(split.half) << 3);
    scaleFraction(fraction, above, split);
  }
  store<usize>(way + level * sizeof<usize>(), fraction);
  store<usize>(wayTops + level * sizeof<usize>(), stackTop());
}

/** Converts the next block; returns its digits, 0 when all are done. Leader; all threads take part. */
export function nextBlock(): usize {
  const digits = nodeDigits(task, task.blockLevel);
  // A certificate takes in the whole tree.
  if (nextBlockIndex * digits >= (certified ? nodeDigits(task, 0) : task.digits)) return 0;
  if (nextBlockIndex !== reachedBlock) goToNextBlock();
  const index = nextBlockIndex++;
  task.text = texts + (index & 1) * textBytes();
  task.textStart = index * digits;
  task.firstNode = index << (task.soloLevel - task.blockLevel);
  const mark = stackTop();
  spreadNode(task, load<usize>(way + task.blockLevel * sizeof<usize>()), task.blockLevel, index);
  task.workspaces = allocate(task.workspaceBytes * threadCount());
  resetItems();
  fork(TASK_CONVERT, changetype<usize>(task));
  release(mark);
  if (certified) addTextResidue();
  return digits;
}

/** From the last node of a subtree to the first of the next: one right turn, then left all the way. */
function goToNextBlock(): void {
  const down = ctz(nextBlockIndex);
  turn(task.blockLevel - down, true);
  for (let level = task.blockLevel - down + 1; level <= task.blockLevel; level++) turn(level, false);
  reachedBlock = nextBlockIndex;
}

export function blockText(): usize {
  return task.text;
}

/** The number of the block's first digit. */
export function blockStart(): usize {
  return task.textStart;
}

export function blockDigits(): usize {
  return nodeDigits(task, task.blockLevel);
}

const LARGEST_SOLO_DIGITS: usize = 800000;

function soloLevel(task: ConvertTask): usize {
  let level: usize = 0;
  if (threadCount() === 1 && nodeDigits(task, 0) <= LARGEST_SOLO_DIGITS) return 0;
  while (
    level < task.levels &&
    (nodeDigits(task, level) > LARGEST_SOLO_DIGITS || (<usize>1) << level < threadCount() << 2)
  ) {
    level++;
  }
  return level;
}

/** Nodes for a thread in a block, so that no thread waits long for the others at its end. */
const BLOCK_NODES_PER_THREAD: usize = 8;

function blockLevel(task: ConvertTask): usize {
  let level = task.soloLevel;
  for (let nodes: usize = 1; level > 0 && nodes < threadCount() * BLOCK_NODES_PER_THREAD; nodes <<= 1)
    level--;
  return level;
}

/** The powers 5^half from the leaves up, each the square of the one below, and their transforms. */
function buildLevels(task: ConvertTask): void {
  let power = newNatural();
  power.words = allocate((fractionWords(task.leafDigits) + 8) << 3);
  store<u64>(power.words, 1);
  power.count = 1;
  for (let i: usize = 0; i < task.leafDigits; i += WORD_DIGITS) {
    // 5^18
    const carry = multiplyByWord(power.words, power.words, power.count, 3814697265625);
    store<u64>(power.words + (power.count << 3), carry);
    if (carry !== 0) power.count++;
  }
  setNatural(power, power.words, power.count);
  for (let index = task.levels; index > 0; index--) {
    const level = changetype<Level>(allocate(offsetof<Level>()));
    store<usize>(task.level + (index - 1) * sizeof<usize>(), changetype<usize>(level));
    level.half = nodeDigits(task, index);
    level.power = power;
    level.vectors = 0;
    // The power at the root is used once.
    if (index > 1) transformPower(level);
    else break;
    const square = newNatural();
    multiply(square, allocate(productRoom(power.count << 1) << 3), power, power);
    power = square;
  }
}

function transformPower(level: Level): void {
  const words = fractionWords(level.half << 1);
  if (words + level.power.count <= SMALL_TOTAL_WORDS) return;
  level.plan = changetype<Plan>(allocate(offsetof<Plan>()));
  choosePlan(level.plan, words, level.power.count, NOISE_PRODUCT, NO_LIMIT);
  level.vectors = allocateVectors(level.plan);
  const mark = stackTop();
  const task = newTask();
  memory.copy(changetype<usize>(task.plan), changetype<usize>(level.plan), offsetof<Plan>());
  task.operation = FORWARD;
  setOperandA(task, level.power);
  task.vectorsA = level.vectors;
  fork(TASK_PRODUCT, changetype<usize>(task));
  release(mark);
}

/** All threads together: the fractions of the nodes at the solo level, from the node at `fraction` down. */
function spreadNode(task: ConvertTask, fraction: usize, level: usize, index: usize): void {
  if (level === task.soloLevel) {
    store<usize>(task.nodes + (index - task.firstNode) * sizeof<usize>(), fraction);
    return;
  }
  const split = levelOf(task, level);
  const right = allocate(fractionWords(split.half) << 3);
  scaleFraction(right, fraction, split);
  spreadNode(task, leftFraction(fraction, split), level + 1, index << 1);
  spreadNode(task, right, level + 1, (index << 1) + 1);
}

/** This thread alone: the digits of the node at `fraction`. */
function convertNode(task: ConvertTask, fraction: usize, level: usize, index: usize): void {
  if (level === task.levels) {
    writeLeaf(task, fraction, index);
    return;
  }
  const split = levelOf(task, level);
  convertNode(task, leftFraction(fraction, split), level + 1, index << 1);
  const mark = stackTop();
  const right = allocate(fractionWords(split.half) << 3);
  scaleFraction(right, fraction, split);
  convertNode(task, right, level + 1, (index << 1) + 1);
  release(mark);
}

/** The high words of a node's fraction, enough for the first half of its digits. */
function leftFraction(fraction: usize, split: Level): usize {
  return fraction + ((fractionWords(split.half << 1) - fractionWords(split.half)) << 3);
}

/** right = fraction 10^half modulo 1, cut to the words of half digits. */
function scaleFraction(right: usize, fraction: usize, level: Level): void {
  const mark = stackTop();
  const words = fractionWords(level.half << 1);
  const number = newNatural();
  setNatural(number, fraction, words);
  const total = words + level.power.count;
  const room = allocate(productRoom(total) << 3);
  const result = newNatural();
  memory.fill(room + (total << 3), 0, 16);
  if (level.vectors === 0 || !multiplyByLevel(result, room, number, level))
    multiply(result, room, number, level.power);
  memory.fill(room + (result.count << 3), 0, (total - result.count) << 3);
  const halfWords = fractionWords(level.half);
  extractWords(right, room, (words << 6) - level.half - (halfWords << 6), halfWords);
  release(mark);
}

/** The product with the level's power by its stored transform; false when it cannot be trusted. */
function multiplyByLevel(result: Natural, room: usize, number: Natural, level: Level): bool {
  const mark = stackTop();
  const task = newTask();
  memory.copy(changetype<usize>(task.plan), changetype<usize>(level.plan), offsetof<Plan>());
  task.operation = PRODUCT;
  task.ready = 2;
  setOperandA(task, number);
  setOperandB(task, level.power);
  task.vectorsA = allocateVectors(task.plan);
  task.vectorsB = level.vectors;
  task.digits = allocateVectors(task.plan);
  task.dst = room;
  task.words = number.count + level.power.count;
  const expected = multiplyResidues(number.residue, level.power.residue);
  const good = attempt(task, expected);
  if (good) finish(result, room, task.words, expected);
  release(mark);
  return good;
}

/** The task of TASK_CONVERT: every rank takes nodes until none is left. */
export function runConversion(task: ConvertTask): void {
  const oldTop = stackTop();
  const oldLimit = stackLimit();
  const workspace = task.workspaces + threadNumber() * task.workspaceBytes;
  setSolo(true);
  setStack(workspace, workspace + task.workspaceBytes);
  const count = (<usize>1) << (task.soloLevel - task.blockLevel);
  for (let index = claimItem(); index < count; index = claimItem()) {
    const fraction = load<usize>(task.nodes + index * sizeof<usize>());
    convertNode(task, fraction, task.soloLevel, task.firstNode + index);
  }
  setSolo(false);
  setStack(oldTop, oldLimit);
}

/** Digits of a leaf, 18 at a time; each step frees nearly a word at the low end. */
function writeLeaf(task: ConvertTask, fraction: usize, index: usize): void {
  const mark = stackTop();
  const offset = index * task.leafDigits;
  let count = fractionWords(task.leafDigits);
  let words = allocate((count + 1) << 3);
  copyWords(words, fraction, count);
  let text = task.text + offset - task.textStart;
  for (let left = task.leafDigits; left > 0; left -= WORD_DIGITS) {
    writeDigits(text, multiplyByWord(words, words, count, WORD_SCALE));
    text += WORD_DIGITS;
    const needed = fractionWords(left - WORD_DIGITS);
    if (needed < count) {
      words += (count - needed) << 3;
      count = needed;
    }
  }
  // The fraction that is left, to 64 bits and more behind the last digit.
  if (offset + task.leafDigits <= task.digits && load<u64>(words + ((count - 1) << 3)) >= ~(<u64>0xff)) {
    atomic.add<i32>(DOUBTFUL_DIGITS, 1);
  }
  release(mark);
}

/** 18 ASCII digits of a value below 10^18. */
function writeDigits(text: usize, value: u64): void {
  const high = value / 1000000000;
  writeNine(text, <u32>high);
  writeNine(text + 9, <u32>(value - high * 1000000000));
}

function writeNine(text: usize, value: u32): void {
  const a = value / 100000;
  const b = value - a * 100000;
  const a1 = a / 100;
  const b1 = b / 1000;
  const b2 = b - b1 * 1000;
  writePair(text, a1);
  writePair(text + 2, a - a1 * 100);
  writePair(text + 4, b1);
  writePair(text + 6, b2 / 10);
  store<u8>(text + 8, <u8>(48 + (b2 % 10)));
}

function writePair(text: usize, value: u32): void {
  const tens = value / 10;
  store<u16>(text, <u16>(0x3030 + tens + ((value - tens * 10) << 8)));
}

/** Adds the block just written, read as a number, behind those before. */
function addTextResidue(): void {
  for (let text = task.text, end = text + blockDigits(); text < end; text += WORD_DIGITS) {
    const word = readNine(text) * 1000000000 + readNine(text + 9);
    textResidue = addResidues(multiplyResidues(textResidue, WORD_SCALE), reduceWord(word));
  }
}

function readNine(text: usize): u64 {
  let value: u64 = 0;
  for (let i: usize = 0; i < 9; i++) value = value * 10 + <u64>(load<u8>(text + i) - 48);
  return value;
}

/**
 * Whether all the text together is the fraction X of W words times 10^D, rounded down, D being its digits. The remainder comes from
 * two products that the conversion has no part in: R = X 10^D modulo B^W, and then text B^W + R = X 10^D modulo 2^61 - 1.
 */
export function conversionHolds(): bool {
  const mark = stackTop();
  const tree = nodeDigits(task, 0);
  const words = fractionWords(tree);
  const fraction = load<usize>(way);
  // 10^D = 5^D 2^D: bits of X 5^D above these fall beyond B^W.
  const bits = (words << 6) - tree;
  const low = (bits + 63) >> 6;
  const remainder = newNatural();
  setNatural(remainder, fraction, low);
  const power = levelOf(task, 0).power;
  const room = allocate(productRoom(low + power.count) << 3);
  for (let half = 0; half < 2; half++) {
    const product = newNatural();
    const factor = allocate(low << 3);
    copyWords(factor, remainder.words, remainder.count);
    remainder.words = factor;
    multiply(product, room, remainder, power);
    setNatural(remainder, room, min(low, product.count));
  }
  if ((bits & 63) !== 0 && remainder.count === low) {
    const top = room + ((low - 1) << 3);
    store<u64>(top, load<u64>(top) & (((<u64>1) << (<u64>(bits & 63))) - 1));
  }
  setNatural(remainder, room, remainder.count);
  const rest = multiplyResidues(remainder.residue, residueOfPowerOfTwo(<u64>tree));
  const whole = multiplyResidues(textResidue, residueOfPowerOfTwo((<u64>words) << 6));
  const expected = multiplyResidues(residueOfWords(fraction, words), residueOfPower(10, <u64>tree));
  release(mark);
  return addResidues(whole, rest) === expected;
}
