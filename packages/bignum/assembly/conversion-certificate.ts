/**
 * Whether all the text together is the fraction X of W words times 10^D, rounded down, D being its digits. The remainder comes from
 * products that the conversion has no part in: R = X 10^D modulo B^W, and then text B^W + R = X 10^D modulo 2^61 - 1.
 */
import { convertedFraction, convertedText, convertedTree } from './conversion';
import { fractionWords, levelOf, nodeDigits, Tree } from './conversion-tree';
import { Natural, newNatural, setNatural } from './natural';
import { multiply, productRoom } from './product';
import {
  addResidues,
  multiplyResidues,
  residueOfPower,
  residueOfPowerOfTwo,
  residueOfWords,
} from './residue';
import { allocate, release, stackTop } from './stack';
import { copyWords } from './words';

/** After the last block of a conversion that was opened for a certificate. */
export function conversionHolds(): bool {
  const mark = stackTop();
  const tree = convertedTree();
  const fraction = convertedFraction();
  const words = fractionWords(nodeDigits(tree, 0));
  const leaves = (tree.digits - 1) / tree.leafDigits + 1;
  const digits = leaves * tree.leafDigits;
  // 10^D = 5^D 2^D: bits of X 5^D above these fall beyond B^W.
  const bits = (words << 6) - digits;
  const remainder = newNatural();
  setNatural(remainder, fraction, (bits + 63) >> 6);
  multiplyByPower(remainder, tree, leaves);
  keepBits(remainder, bits);
  const rest = multiplyResidues(remainder.residue, residueOfPowerOfTwo(<u64>digits));
  const whole = multiplyResidues(convertedText(), residueOfPowerOfTwo((<u64>words) << 6));
  const expected = multiplyResidues(residueOfWords(fraction, words), residueOfPower(10, <u64>digits));
  release(mark);
  return addResidues(whole, rest) === expected;
}

/** number = number 5^(leaves leafDigits) in as many words as it has, by the powers of the tree's levels. */
function multiplyByPower(number: Natural, tree: Tree, leaves: usize): void {
  const count = number.count;
  const room = allocate(productRoom(count + levelOf(tree, 0).factor.number.count) << 3);
  const factor = allocate(count << 3);
  if (leaves >> tree.levels !== 0) multiplyByLevel(number, tree, 0, room, factor, count);
  for (let level: usize = 0; level < tree.levels; level++) {
    const isPart =
      leaves >> tree.levels !== 0 ? level === 0 : ((leaves >> (tree.levels - 1 - level)) & 1) !== 0;
    if (isPart) multiplyByLevel(number, tree, level, room, factor, count);
  }
}

function multiplyByLevel(
  number: Natural,
  tree: Tree,
  level: usize,
  room: usize,
  factor: usize,
  count: usize,
): void {
  const product = newNatural();
  copyWords(factor, number.words, number.count);
  number.words = factor;
  multiply(product, room, number, levelOf(tree, level).factor.number);
  setNatural(number, room, min(count, product.count));
}

/** Takes the number modulo 2^bits. */
function keepBits(number: Natural, bits: usize): void {
  const top = bits >> 6;
  if ((bits & 63) !== 0 && number.count > top) {
    const word = number.words + (top << 3);
    store<u64>(word, load<u64>(word) & (((<u64>1) << (<u64>(bits & 63))) - 1));
  }
  setNatural(number, number.words, number.count);
}
