/** The digits of a leaf, 18 at a time: what reaches beyond the top word when the fraction is multiplied by 10^18. */
import { fractionWords, Tree, WORD_DIGITS } from './conversion-tree';
import { DOUBTFUL_DIGITS } from './memory-map';
import { addResidues, multiplyResidues, reduceWord } from './residue';
import { allocate, release, stackTop } from './stack';
import { copyWords, multiplyByWord } from './words';

/** 10^18 */
const WORD_SCALE: u64 = 1000000000000000000;
/** Units of 2^-64 that a leaf's fraction may be too small; see docs/algorithms.md. */
const LARGEST_ERROR_UNITS: u64 = 255;

/** Writes leaf `index` to `text`; each step frees nearly a word at the low end. Returns the digits as a number modulo 2^61 - 1. */
export function writeLeaf(tree: Tree, fraction: usize, index: usize, text: usize): u64 {
  const mark = stackTop();
  let count = fractionWords(tree.leafDigits);
  let words = allocate((count + 1) << 3);
  copyWords(words, fraction, count);
  let residue: u64 = 0;
  for (let left = tree.leafDigits; left > 0; left -= WORD_DIGITS) {
    const value = multiplyByWord(words, words, count, WORD_SCALE);
    writeWord(text, value);
    residue = appendWord(residue, value);
    text += WORD_DIGITS;
    const needed = fractionWords(left - WORD_DIGITS);
    if (needed < count) {
      words += (count - needed) << 3;
      count = needed;
    }
  }
  // The fraction that is left, to 64 bits and more behind the last digit.
  const isWanted = (index + 1) * tree.leafDigits <= tree.digits;
  if (isWanted && load<u64>(words + ((count - 1) << 3)) >= ~LARGEST_ERROR_UNITS) {
    atomic.add<i32>(DOUBTFUL_DIGITS, 1);
  }
  release(mark);
  return residue;
}

/** The residue of a number of which `residue` is that of all but its last 18 digits. */
function appendWord(residue: u64, value: u64): u64 {
  return addResidues(multiplyResidues(residue, WORD_SCALE), reduceWord(value));
}

/** The residue with that of `digits` digits of text, read as a number, behind it. */
export function appendText(residue: u64, text: usize, digits: usize): u64 {
  for (const end = text + digits; text < end; text += WORD_DIGITS) {
    residue = appendWord(residue, readNine(text) * 1000000000 + readNine(text + 9));
  }
  return residue;
}

/** 18 ASCII digits of a value below 10^18. */
function writeWord(text: usize, value: u64): void {
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

function readNine(text: usize): u64 {
  let value: u64 = 0;
  for (let i: usize = 0; i < 9; i++) value = value * 10 + <u64>(load<u8>(text + i) - 48);
  return value;
}
