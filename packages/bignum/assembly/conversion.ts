/**
 * From a binary fraction to decimal digits, by scaled remainders: of a fraction F that holds 2h digits, the first h are the digits of
 * F cut to fewer words, and the last h those of F 10^h modulo 1, cut likewise (see conversion-tree.ts, scale-fraction.ts).
 *
 * Fractions are rounded down and carry 64 bits or more beyond their digits. A node adds at most two units of that to the error, so
 * digits are certain unless what remains behind the last digit of a leaf is within 2 (levels + 1) units of 1: that is watched.
 *
 * The tree is walked from left to right, a block of some million digits after the other: all threads share the products on the way to
 * a block, then each takes nodes of the block by itself. What is kept is one fraction for each right turn of the way.
 */
import {
  buildLevels,
  fractionWords,
  Level,
  levelOf,
  MOST_LEVELS,
  newTree,
  nodeDigits,
  Tree,
} from './conversion-tree';
import { appendText, writeLeaf } from './decimal-leaf';
import { DOUBTFUL_DIGITS } from './memory-map';
import { countRepeat } from './product';
import { addResidues, multiplyResidues } from './residue';
import { scaleFraction, scaleSmall, scaleWhole } from './scale-fraction';
import { allocate, release, setStack, stackLimit, stackTop } from './stack';
import { TASK_CONVERT } from './task-kinds';
import { claimItem, fork, resetItems, setSolo, threadCount, threadNumber } from './team';

/** A block, as all ranks see it. */
@unmanaged
export class ConvertTask {
  tree: Tree;
  /** Its text and the number of its first digit. */
  text: usize;
  textStart: usize;
  /** From this level on threads work alone, a node each; `nodes` has their fractions, the first is number `firstNode` of the level. */
  soloLevel: usize;
  firstNode: usize;
  nodeCount: usize;
  nodes: usize;
  /** By node, what its digits are modulo 2^61 - 1. */
  residues: usize;
  workspaces: usize;
  workspaceBytes: usize;
}

/** The conversion that goes on: leader. */
let task: ConvertTask = changetype<ConvertTask>(<usize>0);
let tree: Tree = changetype<Tree>(<usize>0);
/** From this level on nodes are converted at once, as blocks. */
let blockLevel: usize = 0;
let nextBlockIndex: usize = 0;
/** The block that the way leads to. */
let reachedBlock: usize = 0;
/** By level, the fraction of the node on the way and where the stack ended when it was there. */
let way: usize = 0;
let wayTops: usize = 0;
/** By level, what the digits of the last left half are, modulo 2^61 - 1, and the first block that was converted. */
let leftDigits: usize = 0;
let firstBlock: usize = 0;
/** What the products of a block say about its left halves, in the order in which they were done; see scale-fraction.ts. */
let claims: usize = 0;
let claimCount: usize = 0;
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
  tree = newTree(digits);
  task.tree = tree;
  task.soloLevel = chooseSoloLevel();
  blockLevel = chooseBlockLevel();
  buildLevels(tree);
  const mostNodes = (<usize>1) << (task.soloLevel - blockLevel);
  task.nodes = allocate(mostNodes * sizeof<usize>());
  task.residues = allocate(mostNodes << 3);
  claims = allocate(mostNodes << 3);
  task.workspaceBytes = fractionWords(nodeDigits(tree, task.soloLevel)) * 160 + (1 << 18);
  texts = allocate(2 * textBytes());
  way = allocate(MOST_LEVELS * sizeof<usize>());
  wayTops = allocate(MOST_LEVELS * sizeof<usize>());
  leftDigits = allocate(MOST_LEVELS << 3);
  store<usize>(way, fraction);
  store<usize>(wayTops, stackTop());
  certified = certify;
  textResidue = 0;
  nextBlockIndex = certify ? 0 : min(from, digits - 1) / blockDigits();
  // What lies to the left of the way is not known until it was converted.
  firstBlock = nextBlockIndex + 1;
  for (let level: usize = 1; level <= blockLevel; level++) {
    turn(level, ((nextBlockIndex >> (blockLevel - level)) & 1) !== 0);
  }
  firstBlock = nextBlockIndex;
  reachedBlock = nextBlockIndex;
  return nextBlockIndex * blockDigits();
}

function textBytes(): usize {
  return blockDigits() + 64;
}

/** One level down on the way, to the left or to the right half of the node above. */
function turn(level: usize, right: bool): void {
  const above = load<usize>(way + (level - 1) * sizeof<usize>());
  release(load<usize>(wayTops + (level - 1) * sizeof<usize>()));
  const split = levelOf(tree, level - 1);
  let fraction = leftFraction(above, split);
  if (right) {
    fraction = allocate(fractionWords(split.half) << 3);
    const leftBlocks = (<usize>1) << (blockLevel - level);
    if (nextBlockIndex >= firstBlock + leftBlocks) {
      scaleBehind(fraction, above, split, load<u64>(leftDigits + (level << 3)));
    } else {
      scaleWhole(fraction, above, split);
    }
  }
  store<usize>(way + level * sizeof<usize>(), fraction);
  store<usize>(wayTops + level * sizeof<usize>(), stackTop());
}

/** Converts the next block; returns its digits, 0 when all are done. Leader; all threads take part. */
export function nextBlock(): usize {
  const digits = blockDigits();
  if (nextBlockIndex * digits >= tree.digits) return 0;
  if (nextBlockIndex !== reachedBlock) goToNextBlock();
  const index = nextBlockIndex++;
  task.text = texts + (index & 1) * textBytes();
  task.textStart = index * digits;
  task.firstNode = index << (task.soloLevel - blockLevel);
  noteDigits(index, convertBlock(index, false));
  if (certified) textResidue = appendText(textResidue, task.text, writtenDigits());
  return digits;
}

/** Converts a block and returns what its digits are modulo 2^61 - 1; once again by whole products if they are not what they have to be. */
function convertBlock(index: usize, whole: bool): u64 {
  const mark = stackTop();
  task.nodeCount = 0;
  claimCount = 0;
  spreadNode(load<usize>(way + blockLevel * sizeof<usize>()), blockLevel, index, whole);
  task.workspaces = allocate(task.workspaceBytes * threadCount());
  resetItems();
  fork(TASK_CONVERT, changetype<usize>(task));
  release(mark);
  task.nodeCount = 0;
  claimCount = 0;
  isAsClaimed = true;
  const digits = compareNode(blockLevel, index);
  if (isAsClaimed || isDoubted()) return digits;
  if (whole) unreachable();
  countRepeat();
  return convertBlock(index, true);
}

/** Whether all that `compareNode` met is what products said. */
let isAsClaimed: bool = true;

/** The digits of a node of the block modulo 2^61 - 1, after those of its left halves were compared. */
function compareNode(level: usize, index: usize): u64 {
  if (level === task.soloLevel) return load<u64>(task.residues + (task.nodeCount++ << 3));
  const split = levelOf(tree, level);
  const isSplit = hasRight(tree, split, index);
  const claim = isSplit ? load<u64>(claims + (claimCount++ << 3)) : 0;
  const left = compareNode(level + 1, index << 1);
  if (!isSplit) return left;
  if (left !== claim) isAsClaimed = false;
  return joinDigits(left, compareNode(level + 1, (index << 1) + 1), split);
}

/** Two halves' digits as one number modulo 2^61 - 1. */
function joinDigits(left: u64, right: u64, split: Level): u64 {
  return addResidues(multiplyResidues(left, split.scale), right);
}

/** After block `index`: all left halves that end with it are known. */
function noteDigits(index: usize, digits: u64): void {
  let level = blockLevel;
  for (; (index & 1) !== 0; index >>= 1, level--) {
    digits = joinDigits(load<u64>(leftDigits + (level << 3)), digits, levelOf(tree, level - 1));
  }
  store<u64>(leftDigits + (level << 3), digits);
}

/** From the last node of a subtree to the first of the next: one right turn, then left all the way. */
function goToNextBlock(): void {
  const down = ctz(nextBlockIndex);
  turn(blockLevel - down, true);
  for (let level = blockLevel - down + 1; level <= blockLevel; level++) turn(level, false);
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
  return nodeDigits(tree, blockLevel);
}

/** Digits of the block that are there: all up to the leaf with the last one that is meant. */
function writtenDigits(): usize {
  const leaves = (tree.digits + tree.leafDigits - 1) / tree.leafDigits;
  return min(blockDigits(), leaves * tree.leafDigits - task.textStart);
}

const LARGEST_SOLO_DIGITS: usize = 800000;

function chooseSoloLevel(): usize {
  let level: usize = 0;
  if (threadCount() === 1 && nodeDigits(tree, 0) <= LARGEST_SOLO_DIGITS) return 0;
  while (
    level < tree.levels &&
    (nodeDigits(tree, level) > LARGEST_SOLO_DIGITS || nodesWanted(level) < threadCount() << 2)
  ) {
    level++;
  }
  return level;
}

function nodesWanted(level: usize): usize {
  return (tree.digits - 1) / nodeDigits(tree, level) + 1;
}

/** Nodes for a thread in a block, so that no thread waits long for the others at its end. */
const BLOCK_NODES_PER_THREAD: usize = 8;

function chooseBlockLevel(): usize {
  let level = task.soloLevel;
  for (let nodes: usize = 1; level > 0 && nodes < threadCount() * BLOCK_NODES_PER_THREAD; nodes <<= 1)
    level--;
  return level;
}

/** Whether the right half of node `index` of a level has digits that are meant. */
function hasRight(within: Tree, split: Level, index: usize): bool {
  return ((index << 1) + 1) * split.half < within.digits;
}

/** All threads together: the fractions of the nodes at the solo level, from the node at `fraction` down. */
function spreadNode(fraction: usize, level: usize, index: usize, whole: bool): void {
  if (level === task.soloLevel) {
    store<usize>(task.nodes + task.nodeCount++ * sizeof<usize>(), fraction);
    return;
  }
  const split = levelOf(tree, level);
  let right: usize = 0;
  if (hasRight(tree, split, index)) {
    right = allocate(fractionWords(split.half) << 3);
    const left = whole ? scaleWhole(right, fraction, split) : scaleFraction(right, fraction, split);
    store<u64>(claims + (claimCount++ << 3), left);
  }
  spreadNode(leftFraction(fraction, split), level + 1, index << 1, whole);
  if (right !== 0) spreadNode(right, level + 1, (index << 1) + 1, whole);
}

/** The high words of a node's fraction, enough for the first half of its digits. */
function leftFraction(fraction: usize, split: Level): usize {
  return fraction + ((fractionWords(split.half << 1) - fractionWords(split.half)) << 3);
}

/** The task of TASK_CONVERT: every rank takes nodes until none is left. */
export function runConversion(task: ConvertTask): void {
  const oldTop = stackTop();
  const oldLimit = stackLimit();
  const workspace = task.workspaces + threadNumber() * task.workspaceBytes;
  setSolo(true);
  setStack(workspace, workspace + task.workspaceBytes);
  for (let index = claimItem(); index < task.nodeCount; index = claimItem()) {
    const fraction = load<usize>(task.nodes + index * sizeof<usize>());
    const digits = convertNode(task, fraction, task.soloLevel, task.firstNode + index);
    store<u64>(task.residues + (index << 3), digits);
  }
  setSolo(false);
  setStack(oldTop, oldLimit);
}

/** This thread alone: writes the digits of the node at `fraction`; returns them as a number modulo 2^61 - 1. */
function convertNode(task: ConvertTask, fraction: usize, level: usize, index: usize): u64 {
  const tree = task.tree;
  if (level === tree.levels) {
    return writeLeaf(tree, fraction, index, task.text + index * tree.leafDigits - task.textStart);
  }
  const split = levelOf(tree, level);
  const left = convertNode(task, leftFraction(fraction, split), level + 1, index << 1);
  if (!hasRight(tree, split, index)) return left;
  const mark = stackTop();
  const right = allocate(fractionWords(split.half) << 3);
  if (split.isSmall) scaleSmall(right, fraction, split);
  else scaleBehind(right, fraction, split, left);
  const digits = convertNode(task, right, level + 1, (index << 1) + 1);
  release(mark);
  return joinDigits(left, digits, split);
}

/** right = the right half of a node, of which the left half's digits are known, modulo 2^61 - 1. */
function scaleBehind(right: usize, fraction: usize, split: Level, left: u64): void {
  if (scaleFraction(right, fraction, split) === left || isDoubted()) return;
  countRepeat();
  if (scaleWhole(right, fraction, split) !== left) unreachable();
}

/** Where digits are in doubt they may not be the fraction's, and the whole will be done again. */
function isDoubted(): bool {
  return atomic.load<i32>(DOUBTFUL_DIGITS) !== 0;
}

/** The tree of the conversion and its fraction, for the certificate. */
export function convertedTree(): Tree {
  return tree;
}

export function convertedFraction(): usize {
  return load<usize>(way);
}

/** The residue of all the text so far, read as a number. */
export function convertedText(): u64 {
  return textResidue;
}
