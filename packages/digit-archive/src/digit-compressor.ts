import { Transform, type TransformCallback } from 'node:stream';
import { crc32 } from 'node:zlib';
import { DigitDeflater } from './deflate-digits.ts';

/**
 * Deflates the text of a result that is piped through it, and counts and sums what passes. `digest` and `size` are what archiver's zip
 * engine asks the stream for that compresses an entry.
 */
export class DigitCompressor extends Transform {
  readonly #deflater = new DigitDeflater();
  #textBytes = 0;
  #packedBytes = 0;
  #checksum = 0;

  /** CRC-32 of the text, four bytes with the highest first. */
  digest(): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(this.#checksum);
    return bytes;
  }

  /** Bytes of the text so far, or of what it was compressed to. */
  size(compressed = false): number {
    return compressed ? this.#packedBytes : this.#textBytes;
  }

  override _transform(text: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#textBytes += text.length;
    this.#checksum = crc32(text, this.#checksum);
    this.#give(text.length, done, (packed) => this.#deflater.push(text, packed));
  }

  override _flush(done: TransformCallback): void {
    this.#give(0, done, (packed) => this.#deflater.end(packed));
  }

  #give(textBytes: number, done: TransformCallback, compress: (packed: Buffer) => number): void {
    try {
      const packed = Buffer.allocUnsafe(DigitDeflater.roomFor(textBytes));
      const length = compress(packed);
      this.#packedBytes += length;
      done(null, packed.subarray(0, length));
    } catch (error) {
      done(error as Error);
    }
  }
}
