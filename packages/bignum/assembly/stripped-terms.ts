/**
 * The terms of a block by a sieve: p(k) and k with and without what is stripped (see weights.ts), and a row of exponents for each leaf.
 * 3, 5, 23 and 29, which the constant 640320^3/24 has too, are taken out of it and p(k) together: nothing else is to be done about them.
 */
import { oddInverse } from './exact-division';
import { allocate } from './stack';
import { LIMIT, primeAt, ROW_BYTES } from './weights';

/** 640320^3 / 24 = 2^15 3^2 5^3 23^3 29^3 */
const C: u64 = 10939058860032000;

/** Term k of the series. */
@unmanaged
export class Term {
  /** (6k-5)(2k-1), 6k-1 and 640320^3/24 without what p(k) and the constant have in common; in a leaf's first term as the next two. */
  first: u64;
  second: u64;
  constant: u64;
  /** The first two, and k, stripped. */
  strippedFirst: u64;
  strippedSecond: u64;
  strippedK: u64;
}

/** Terms lie side by side. */
export const TERM_BYTES: usize = offsetof<Term>();
/** From a factor to what it is when stripped. */
const STRIPPED: usize = offsetof<Term>('strippedFirst') - offsetof<Term>('first');

export function termAt(terms: usize, index: usize): Term {
  return changetype<Term>(terms + index * TERM_BYTES);
}

/** Terms from `from` on, leaves of `leafTerms` terms, and where the rows of the leaves begin. */
@unmanaged
export class Sieve {
  terms: usize;
  rows: usize;
  from: u64;
  count: u32;
  leafTerms: u32;
}

/**
 * The block of `count` terms; all of it stays on the stack. A leaf's row has the exponents of r(a) over the product of k^3, k after its
 * first term a: its sum T over what is not stripped, but for p(a), is what is wanted times that. Negative are those of prime powers below
 * 6 leafTerms only.
 */
export function sieveTerms(from: u64, count: u32, leafTerms: u32): Sieve {
  const sieve = changetype<Sieve>(allocate(offsetof<Sieve>()));
  const leaves = <usize>((count + leafTerms - 1) / leafTerms);
  sieve.terms = allocate(<usize>count * TERM_BYTES);
  sieve.rows = allocate((leaves + 1) * ROW_BYTES);
  sieve.from = from;
  sieve.count = count;
  sieve.leafTerms = leafTerms;
  fillTerms(sieve);
  shareWithConstant(sieve, 3, 9);
  shareWithConstant(sieve, 5, 125);
  shareWithConstant(sieve, 23, 529);
  shareWithConstant(sieve, 29, 841);
  copyFactors(sieve, 1, STRIPPED, 0);
  memory.fill(sieve.rows, 0, (leaves + 1) * ROW_BYTES);
  for (let index: usize = 0, prime = primeAt(0); prime !== 0; prime = primeAt(++index)) {
    const inverse = oddInverse(prime);
    for (let power = prime; power <= LIMIT; power *= prime) stripPower(sieve, index, power, inverse);
  }
  copyFactors(sieve, leafTerms, 0, STRIPPED);
  // Up to here a row has only what it has more than the one before.
  for (let at = sieve.rows + ROW_BYTES, end = sieve.rows + leaves * ROW_BYTES; at < end; at += 16) {
    v128.store(at, i8x16.add(v128.load(at), v128.load(at - ROW_BYTES)));
  }
  return sieve;
}

function fillTerms(sieve: Sieve): void {
  for (let index: u32 = 0; index < sieve.count; index++) {
    const term = termAt(sieve.terms, index);
    const k = sieve.from + <u64>index;
    term.first = (6 * k - 5) * (2 * k - 1);
    term.second = 6 * k - 1;
    term.constant = C;
    term.strippedK = k;
  }
}

/** Sets the factors of p(k) in every `step`-th term, at `to`, to those at `from`: with or without what is stripped. */
function copyFactors(sieve: Sieve, step: u32, to: usize, from: usize): void {
  for (let index: u32 = 0; index < sieve.count; index += step) {
    const term = sieve.terms + <usize>index * TERM_BYTES;
    v128.store(term + to, v128.load(term + from));
  }
}

/** The first offset at which k is `residue` modulo `power`, `rest` being that of the block's first. */
function offsetOf(residue: u32, rest: u32, power: u32): u32 {
  return residue >= rest ? residue - rest : residue + power - rest;
}

/** The least k at or above so many sixths of a prime power, 1, 3 or 5: one where it divides p(k). */
function ceilSixths(sixths: u32, power: u32): u32 {
  return (sixths * power + 5) / 6;
}

/** Which factor of p(k) it divides there. */
function factorAt(sixths: u32, power: u32): usize {
  const isSecond = sixths !== 3 && (sixths * power) % 6 === 5;
  return isSecond ? offsetof<Term>('second') : offsetof<Term>('first');
}

/** Divides a field of the terms from offset `first` on, `power` apart. */
function divideField(sieve: Sieve, field: usize, first: u32, power: u32, inverse: u64): void {
  const step = <usize>power * TERM_BYTES;
  const end = sieve.terms + <usize>sieve.count * TERM_BYTES;
  for (let at = sieve.terms + <usize>first * TERM_BYTES + field; at < end; at += step) {
    store<u64>(at, load<u64>(at) * inverse);
  }
}

/** Takes a prime of the constant, which has it as often as `most`, out of it and p(k). 3 divides 2k-1 only. */
function shareWithConstant(sieve: Sieve, prime: u32, most: u32): void {
  const inverse = oddInverse(prime);
  for (let power = prime; power <= most; power *= prime) {
    const rest = <u32>(sieve.from % <u64>power);
    for (let sixths: u32 = prime === 3 ? 3 : 1; sixths <= (prime === 3 ? 3 : 5); sixths += 2) {
      const first = offsetOf(ceilSixths(sixths, power), rest, power);
      divideField(sieve, offsetof<Term>('constant'), first, power, inverse);
      divideField(sieve, factorAt(sixths, power), first, power, inverse);
    }
  }
}

/** Divides by a prime where its power is in p(k) or in k, and counts that in the rows. */
function stripPower(sieve: Sieve, index: usize, power: u32, inverse: u64): void {
  const row = sieve.rows + index;
  const rest = <u32>(sieve.from % <u64>power);
  for (let sixths: u32 = 1; sixths <= 5; sixths += 2) {
    const residue = ceilSixths(sixths, power);
    const first = offsetOf(residue, rest, power);
    divideField(sieve, factorAt(sixths, power) + STRIPPED, first, power, inverse);
    if (rest >= residue) addTo(row, 1);
    // The first row has that of the first term already. After a leaf's first term it counts from the next leaf on.
    countAt(sieve, row, first === 0 ? power : first, power, sieve.leafTerms - 1, 1);
  }
  const first = offsetOf(0, rest, power);
  divideField(sieve, offsetof<Term>('strippedK'), first, power, inverse);
  countAt(sieve, row, first === 0 ? power : first, power, 0, -3);
}

function countAt(sieve: Sieve, row: usize, first: u32, power: u32, ahead: u32, weight: i32): void {
  for (let k = first; k < sieve.count; k += power) {
    addTo(row + <usize>((k + ahead) / sieve.leafTerms) * ROW_BYTES, weight);
  }
}

function addTo(at: usize, value: i32): void {
  store<i8>(at, load<i8>(at) + <i8>value);
}
