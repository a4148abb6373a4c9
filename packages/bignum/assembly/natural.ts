/** A natural number in memory and its residue modulo 2^61 - 1, by which the products that it enters are checked. */
import { residueOfWords } from './residue';
import { allocate } from './stack';
import { trimmed } from './words';

@unmanaged
export class Natural {
  words: usize;
  count: usize;
  residue: u64;
}

export function newNatural(): Natural {
  return changetype<Natural>(allocate(offsetof<Natural>()));
}

/** Sets the number to `count` words at `words`, leading zeros cut off. */
export function setNatural(number: Natural, words: usize, count: usize): void {
  number.words = words;
  number.count = trimmed(words, count);
  number.residue = residueOfWords(words, number.count);
}

export function copyNatural(target: Natural, source: Natural): void {
  memory.copy(changetype<usize>(target), changetype<usize>(source), offsetof<Natural>());
}

/** The number floor(number / B^drop), sharing its words. */
export function withoutLow(number: Natural, drop: usize): Natural {
  const high = newNatural();
  const dropped = min(drop, number.count);
  setNatural(high, number.words + (dropped << 3), number.count - dropped);
  return high;
}
