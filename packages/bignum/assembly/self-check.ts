/**
 * Whether the vector code of this runtime computes exactly: products by transforms and by doubles are compared with those by integer
 * arithmetic, for random words, for words of ones, and for digits at their largest.
 */
import { LANES, laneWords, multiplyLanes, newLanes, sumProducts, takeLanes } from './lanes';
import { LARGEST_ERROR, PRODUCTS } from './memory-map';
import { Natural, newNatural, setNatural } from './natural';
import { multiply, productRoom } from './product';
import { multiplyByFewWords } from './small-product';
import { allocate, release, stackTop } from './stack';
import { compareWords, multiplyByWord, trimmed } from './words';

const PATTERNS: i32 = 4;

/** 1 when every product is right, 0 otherwise. Needs tables for 2^10 vectors; the counters of products begin anew. */
export function selfCheck(): usize {
  const good = lanesAreRight() && allProductsRight();
  // Digits at their largest are meant to be done again with smaller ones.
  memory.fill(PRODUCTS, 0, LARGEST_ERROR + 8 - PRODUCTS);
  return good ? 1 : 0;
}

/** Twice the cubes of products of two words, four side by side. */
function lanesAreRight(): bool {
  const mark = stackTop();
  const x = allocate(LANES << 3);
  const y = allocate(LANES << 3);
  fillPattern(x, LANES, 0);
  fillPattern(y, LANES, 1);
  for (let at: usize = 0; at < LANES << 3; at += 8) {
    store<u64>(x + at, load<u64>(x + at) >> 2);
    store<u64>(y + at, load<u64>(y + at) >> 2);
  }
  const none = newLanes(0);
  const product = newLanes(6);
  const square = newLanes(12);
  const sum = newLanes(20);
  multiplyLanes(product, x, y);
  sumProducts(square, product, product, none, none);
  sumProducts(sum, product, square, square, product);
  const count = laneWords(sum.count);
  const taken = allocate((2 * count) << 3);
  const expected = allocate(count << 3);
  let good = count >= 6;
  for (let lane: usize = 0; lane < LANES; lane++) {
    if ((lane & 1) === 0) takeLanes(sum, lane, taken, taken + (count << 3));
    memory.fill(expected, 0, count << 3);
    setTwiceCube(expected, x + (lane << 3), y + (lane << 3));
    good = good && compareWords(taken + (((lane & 1) * count) << 3), expected, count) === 0;
  }
  release(mark);
  return good;
}

/** 2 (x y)^3 of two words of 62 bits, in six. */
function setTwiceCube(dst: usize, x: usize, y: usize): void {
  const mark = stackTop();
  const product = allocate(2 << 3);
  const square = allocate(4 << 3);
  multiplyByFewWords(product, x, 1, y, 1);
  multiplyByFewWords(square, product, 2, product, 2);
  multiplyByFewWords(dst, square, 4, product, 2);
  multiplyByWord(dst, dst, 6, 2);
  release(mark);
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
