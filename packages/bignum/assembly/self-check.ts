/**
 * Whether the vector code of this runtime computes exactly: products by transforms and by doubles are compared with those by integer
 * arithmetic, for random words, for words of ones, and for digits at their largest.
 */
import { LARGEST_ERROR, PRODUCTS } from './memory-map';
import { Natural, newNatural, setNatural } from './natural';
import { multiply, productRoom } from './product';
import { multiplyByFewWords } from './small-product';
import { allocate, release, stackTop } from './stack';
import { compareWords, trimmed } from './words';

const PATTERNS: i32 = 4;

/** 1 when every product is right, 0 otherwise. Needs tables for 2^10 vectors; the counters of products begin anew. */
export function selfCheck(): usize {
  const good = allProductsRight();
  // Digits at their largest are meant to be done again with smaller ones.
  memory.fill(PRODUCTS, 0, LARGEST_ERROR + 8 - PRODUCTS);
  return good ? 1 : 0;
}

/** Every loop of small products and of transforms is reached at least once; the reference is quadratic, so lengths are few and short. */
function allProductsRight(): bool {
  return (
    checkWords(11, 7) && checkWords(31, 27) && checkWords(60, 60) && checkWords(70, 65) && checkWords(331, 50)
  );
}

function checkWords(wordsA: usize, wordsB: usize): bool {
  const mark = stackTop();
  const a = newNatural();
  const b = newNatural();
  const addressA = allocate(wordsA << 3);
  const addressB = allocate(wordsB << 3);
  const expected = allocate((wordsA + wordsB) << 3);
  const room = allocate(productRoom(max(wordsA, wordsB) << 1) << 3);
  let good = true;
  for (let pattern = 0; pattern < PATTERNS; pattern++) {
    fillPattern(addressA, wordsA, pattern);
    fillPattern(addressB, wordsB, pattern + <i32>(wordsA & 1));
    setNatural(a, addressA, wordsA);
    setNatural(b, addressB, wordsB);
    multiplyByFewWords(expected, addressA, wordsA, addressB, wordsB);
    good = good && isProduct(room, a, b, expected) && isProduct(room, b, b, squareOf(b));
  }
  release(mark);
  return good;
}

function squareOf(a: Natural): usize {
  const expected = allocate((a.count << 1) << 3);
  multiplyByFewWords(expected, a.words, a.count, a.words, a.count);
  return expected;
}

function isProduct(room: usize, a: Natural, b: Natural, expected: usize): bool {
  const product = newNatural();
  multiply(product, room, a, b);
  const count = trimmed(expected, a.count + b.count);
  return product.count === count && compareWords(product.words, expected, count) === 0;
}

/** 0: random; 1: all ones; 2: 21-bit digits of 2^20; 3: bits by turns. The top word is never zero. */
function fillPattern(dst: usize, words: usize, pattern: i32): void {
  let seed: u64 = 88172645463325 + <u64>words;
  for (let i: usize = 0; i < words; i++) {
    // Marsaglia's xorshift
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    let word = seed;
    if (pattern === 1) word = ~(<u64>0);
    else if (pattern === 2) word = digitBits(i);
    else if (pattern === 3) word = ~(<u64>0) / 3;
    store<u64>(dst + (i << 3), i + 1 === words ? word | 1 : word);
  }
}

/** Word `index` of the number whose every 21-bit digit is 2^20. */
function digitBits(index: usize): u64 {
  let word: u64 = 0;
  for (let bit: usize = 0; bit < 64; bit++) {
    if (((index << 6) + bit) % 21 === 20) word |= (<u64>1) << (<u64>bit);
  }
  return word;
}
