import { blockHead } from './block-head.ts';
import { type HuffmanCode, huffmanCodes } from './huffman-codes.ts';

/**
 * Deflate (RFC 1951) for the text of a result: digits, each as frequent as any other, and one point.
 *
 * There are no repeats worth a search and no frequencies to find out, so the text is one block with a code that is the same for
 * every text: 3 bits for five of the digits, 4 for the others, 5 for the point and for the end. It is complete (5/8 + 5/16 + 2/32 = 1)
 * and takes 3.5 bits a digit, which is what zlib's Huffman-only strategy comes to as well, after counting and making a code for each
 * 16 KiB, in five times the time; the entropy is 3.32. And the bytes do not depend on a version of zlib.
 */
const POINT = 0x2e;
const ZERO = 0x30;
const END_OF_BLOCK = 256;

const LENGTHS = Array.from({ length: 257 }, (_, symbol) => {
  if (symbol >= ZERO && symbol < ZERO + 10) return symbol < ZERO + 5 ? 3 : 4;
  return symbol === POINT || symbol === END_OF_BLOCK ? 5 : 0;
});
const CODES = huffmanCodes(LENGTHS);
const HEAD = blockHead(LENGTHS);

/**
 * Two digits at once, by the bytes that they are, the first one lowest: the bits of both codes, and from bit 8 on how many these
 * are; `NO_DIGITS` where one of the two is none.
 */
const PAIRS = new Int16Array(1 << 16);
const NO_DIGITS = 1 << 12;
PAIRS.fill(NO_DIGITS);
for (const [first, one] of digitCodes()) {
  for (const [second, other] of digitCodes()) {
    PAIRS[first | (second << 8)] = one.bits | (other.bits << one.length) | ((one.length + other.length) << 8);
  }
}

/** Room that the head or the end of the text takes. */
const MARGIN_BYTES = 64;
/** Of the longest code. */
const MOST_BITS = 5;

/** Compresses one text, in chunks of any length: where it was cut does not show. */
export class DigitDeflater {
  /** Bytes of text so far. */
  #position = 0;
  #hasHead = false;
  /** Bits that are no whole byte yet, fewer than 16, the first one lowest. */
  #held = 0;
  #count = 0;

  /** Bytes that `textBytes` of text may take. */
  static roomFor(textBytes: number): number {
    return Math.ceil((textBytes * MOST_BITS) / 8) + MARGIN_BYTES;
  }

  /**
   * Compresses the chunk into `out`, which has {@link roomFor} it, and returns the number of bytes written.
   *
   * @throws RangeError at a byte that is neither a digit nor a point.
   */
  push(chunk: Uint8Array, out: Uint8Array): number {
    let at = this.#putHeadOnce(out);
    for (let done = 0; done < chunk.length; ) {
      const { read, written } = this.#putDigits(chunk, done, out, at);
      done += read;
      at += written;
      const rest = chunk[done];
      if (rest === undefined) break;
      at = this.#putSymbol(rest, this.#position + done, out, at);
      done += 1;
    }
    this.#position += chunk.length;
    return at;
  }

  /** Writes the end into `out`, which has {@link roomFor} nothing, and returns the number of bytes written. */
  end(out: Uint8Array): number {
    let at = this.#putHeadOnce(out);
    at = this.#putSymbol(END_OF_BLOCK, this.#position, out, at);
    for (; this.#count > 0; this.#count -= 8) {
      out[at] = this.#held;
      this.#held >>>= 8;
      at += 1;
    }
    return at;
  }

  /**
   * The main loop: four bytes a turn, as long as they are digits. All its state is local: the same loop over fields of the object
   * takes four times as long.
   */
  #putDigits(
    chunk: Uint8Array,
    start: number,
    out: Uint8Array,
    outStart: number,
  ): { read: number; written: number } {
    let [held, count, at, i] = [this.#held, this.#count, outStart, start];
    for (; i + 4 <= chunk.length; i += 4) {
      const one = PAIRS[(chunk[i] ?? 0) | ((chunk[i + 1] ?? 0) << 8)] ?? NO_DIGITS;
      const other = PAIRS[(chunk[i + 2] ?? 0) | ((chunk[i + 3] ?? 0) << 8)] ?? NO_DIGITS;
      if (((one | other) & NO_DIGITS) !== 0) break;
      held |= (one & 0xff) << count;
      count += one >> 8;
      held |= (other & 0xff) << count;
      count += other >> 8;
      if (count >= 16) {
        out[at] = held;
        out[at + 1] = held >>> 8;
        at += 2;
        held >>>= 16;
        count -= 16;
      }
    }
    this.#held = held;
    this.#count = count;
    return { read: i - start, written: at - outStart };
  }

  #putSymbol(symbol: number, position: number, out: Uint8Array, at: number): number {
    const code = CODES[symbol];
    if (code?.length) return this.#put(code, out, at);
    throw new RangeError(`byte ${position} of the result is 0x${symbol.toString(16)}, which is no digit`);
  }

  #putHeadOnce(out: Uint8Array): number {
    if (this.#hasHead) return 0;
    this.#hasHead = true;
    return HEAD.reduce((at, code) => this.#put(code, out, at), 0);
  }

  /** Returns where the next byte goes. */
  #put({ bits, length }: HuffmanCode, out: Uint8Array, at: number): number {
    this.#held |= bits << this.#count;
    this.#count += length;
    if (this.#count < 16) return at;
    out[at] = this.#held;
    out[at + 1] = this.#held >>> 8;
    this.#held >>>= 16;
    this.#count -= 16;
    return at + 2;
  }
}

function* digitCodes(): Generator<[byte: number, HuffmanCode]> {
  for (let byte = ZERO; byte < ZERO + 10; byte += 1) {
    const code = CODES[byte];
    if (code) yield [byte, code];
  }
}
