/** Natural numbers as little-endian arrays of 64-bit words: addition, comparison, shifts, products with one word. Sizes in words. */

export function copyWords(dst: usize, src: usize, count: usize): void {
  memory.copy(dst, src, count << 3);
}

export function zeroWords(dst: usize, count: usize): void {
  memory.fill(dst, 0, count << 3);
}

/** The count without leading zero words. */
export function trimmed(src: usize, count: usize): usize {
  while (count > 0 && load<u64>(src + ((count - 1) << 3)) === 0) count--;
  return count;
}

export function compareWords(a: usize, b: usize, count: usize): i32 {
  while (count > 0) {
    count--;
    const x = load<u64>(a + (count << 3));
    const y = load<u64>(b + (count << 3));
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}

/** Adds `carry` to the words at `dst`; what runs out at the end is returned. */
export function addCarry(dst: usize, count: usize, carry: u64): u64 {
  const end = dst + (count << 3);
  while (carry !== 0 && dst < end) {
    const sum = load<u64>(dst) + carry;
    store<u64>(dst, sum);
    carry = sum < carry ? 1 : 0;
    dst += 8;
  }
  return carry;
}

export function subtractBorrow(dst: usize, count: usize, borrow: u64): u64 {
  const end = dst + (count << 3);
  while (borrow !== 0 && dst < end) {
    const word = load<u64>(dst);
    store<u64>(dst, word - borrow);
    borrow = word < borrow ? 1 : 0;
    dst += 8;
  }
  return borrow;
}

/** dst = a + b over `count` words; returns the carry. */
export function addWords(dst: usize, a: usize, b: usize, count: usize): u64 {
  let carry: u64 = 0;
  for (let i: usize = 0, end = count << 3; i < end; i += 8) {
    const x = load<u64>(a + i);
    const y = x + carry;
    const z = y + load<u64>(b + i);
    carry = <u64>(y < carry) + <u64>(z < y);
    store<u64>(dst + i, z);
  }
  return carry;
}

/** dst = a - b over `count` words; returns the borrow. */
export function subtractWords(dst: usize, a: usize, b: usize, count: usize): u64 {
  let borrow: u64 = 0;
  for (let i: usize = 0, end = count << 3; i < end; i += 8) {
    const x = load<u64>(a + i);
    const y = load<u64>(b + i);
    const z = x - y;
    store<u64>(dst + i, z - borrow);
    borrow = <u64>(x < y) + <u64>(z < borrow);
  }
  return borrow;
}

/** dst = src * factor over `count` words; returns the word that follows. */
export function multiplyByWord(dst: usize, src: usize, count: usize, factor: u64): u64 {
  let carry: u64 = 0;
  const f0 = factor & 0xffffffff;
  const f1 = factor >> 32;
  if (f1 === 0) {
    for (let i: usize = 0, end = count << 3; i < end; i += 8) {
      const x = load<u64>(src + i);
      const low = (x & 0xffffffff) * f0 + carry;
      const high = (x >> 32) * f0 + (low >> 32);
      store<u64>(dst + i, (high << 32) | (low & 0xffffffff));
      carry = high >> 32;
    }
    return carry;
  }
  for (let i: usize = 0, end = count << 3; i < end; i += 8) {
    const x = load<u64>(src + i);
    const x0 = x & 0xffffffff;
    const x1 = x >> 32;
    const low = x0 * f0;
    const m = x1 * f0 + (low >> 32);
    const n = x0 * f1 + (m & 0xffffffff);
    const sum = ((n << 32) | (low & 0xffffffff)) + carry;
    carry = x1 * f1 + (m >> 32) + (n >> 32) + <u64>(sum < carry);
    store<u64>(dst + i, sum);
  }
  return carry;
}

/** dst += src * factor over `count` words; returns the word that follows. */
export function addProductByWord(dst: usize, src: usize, count: usize, factor: u64): u64 {
  let carry: u64 = 0;
  const f0 = factor & 0xffffffff;
  const f1 = factor >> 32;
  for (let i: usize = 0, end = count << 3; i < end; i += 8) {
    const x = load<u64>(src + i);
    const x0 = x & 0xffffffff;
    const x1 = x >> 32;
    const low = x0 * f0;
    const m = x1 * f0 + (low >> 32);
    const n = x0 * f1 + (m & 0xffffffff);
    const product = ((n << 32) | (low & 0xffffffff)) + carry;
    const sum = product + load<u64>(dst + i);
    carry = x1 * f1 + (m >> 32) + (n >> 32) + <u64>(product < carry) + <u64>(sum < product);
    store<u64>(dst + i, sum);
  }
  return carry;
}

/** dst = src << bits (0 to 63) over `count` words, `low` giving the bits that come in; returns the bits that go out. */
export function shiftLeft(dst: usize, src: usize, count: usize, bits: u64, low: u64): u64 {
  if (bits === 0) {
    copyWords(dst, src, count);
    return 0;
  }
  let previous = low;
  for (let i: usize = 0, end = count << 3; i < end; i += 8) {
    const word = load<u64>(src + i);
    store<u64>(dst + i, (word << bits) | (previous >> (64 - bits)));
    previous = word;
  }
  return previous >> (64 - bits);
}

/** dst -= src * factor over `count` words; returns the word to subtract from what follows. */
export function subtractProductByWord(dst: usize, src: usize, count: usize, factor: u64): u64 {
  let carry: u64 = 0;
  const f0 = factor & 0xffffffff;
  const f1 = factor >> 32;
  for (let i: usize = 0, end = count << 3; i < end; i += 8) {
    const x = load<u64>(src + i);
    const x0 = x & 0xffffffff;
    const x1 = x >> 32;
    const low = x0 * f0;
    const m = x1 * f0 + (low >> 32);
    const n = x0 * f1 + (m & 0xffffffff);
    const product = ((n << 32) | (low & 0xffffffff)) + carry;
    const word = load<u64>(dst + i);
    carry = x1 * f1 + (m >> 32) + (n >> 32) + <u64>(product < carry) + <u64>(word < product);
    store<u64>(dst + i, word - product);
  }
  return carry;
}

/** dst = the `count` words that begin at bit `firstBit` of `src`; reads one word more. */
export function extractWords(dst: usize, src: usize, firstBit: usize, count: usize): void {
  let from = src + ((firstBit >> 6) << 3);
  const right = <u64>(firstBit & 63);
  if (right === 0) {
    copyWords(dst, from, count);
    return;
  }
  let word = load<u64>(from);
  for (const end = dst + (count << 3); dst < end; dst += 8) {
    from += 8;
    const next = load<u64>(from);
    store<u64>(dst, (word >> right) | (next << (64 - right)));
    word = next;
  }
}
