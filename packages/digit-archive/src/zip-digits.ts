import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { Digits, JobId } from '@pi-jobs/core';
import { DigitDeflater } from './deflate-digits.ts';
import { closingRecords, localHeader } from './zip-records.ts';

/** Text that is compressed at a stretch, for less than a millisecond: requests are answered meanwhile. */
const PIECE_BYTES = 1 << 18;

/** Name of the one file in the archive of a job. */
export function digitsEntryName(id: JobId): string {
  return `digits_of_pi_${id}.txt`;
}

/**
 * Writes the archive of a complete result to the new file `path`, durably, and returns its SHA-256 in base64. The bytes are the same
 * every time.
 *
 * Not by a library: compressing is what takes the time, digits can be compressed several times as fast as zlib does it
 * (`deflate-digits.ts`), and archiver takes no compressor but zlib.
 *
 * @throws RangeError where the result is not the text of so many digits.
 */
export async function zipDigits(
  id: JobId,
  digits: Digits,
  path: string,
  signal: AbortSignal,
): Promise<string> {
  const entry = { name: digitsEntryName(id), size: digits.num === 1 ? 1 : digits.num + 1 };
  await using file = await open(path, 'wx');
  const output = new HashedOutput(file);
  const header = localHeader(entry);
  await output.write(header);
  const text = await deflateText(digits.readText(signal), output, signal);
  if (text.size !== entry.size) {
    throw new RangeError(`the result is ${text.size} bytes of text, ${entry.size} are expected`);
  }
  const packedSize = output.size - header.length;
  await output.write(closingRecords({ ...entry, crc32: text.crc32, packedSize }));
  await file.sync();
  return output.sha256();
}

async function deflateText(
  text: AsyncIterable<Uint8Array>,
  output: HashedOutput,
  signal: AbortSignal,
): Promise<{ readonly size: number; readonly crc32: number }> {
  const deflater = new DigitDeflater();
  const packed = Buffer.allocUnsafe(DigitDeflater.roomFor(PIECE_BYTES));
  let size = 0;
  let checksum = 0;
  for await (const chunk of text) {
    for (let start = 0; start < chunk.length; start += PIECE_BYTES) {
      signal.throwIfAborted();
      const piece = chunk.subarray(start, start + PIECE_BYTES);
      size += piece.length;
      checksum = crc32(piece, checksum);
      await output.write(packed.subarray(0, deflater.push(piece, packed)));
    }
  }
  await output.write(packed.subarray(0, deflater.end(packed)));
  return { size, crc32: checksum };
}

/** A file that is written from its beginning to its end, and the sum of what was written. */
class HashedOutput {
  readonly #file: FileHandle;
  readonly #hash = createHash('sha256');
  size = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Resolves when the bytes are the caller's again. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    for (let written = 0; written < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, written, bytes.length - written, this.size);
      written += bytesWritten;
      this.size += bytesWritten;
    }
  }

  /** In base64; nothing can be written after it. */
  sha256(): string {
    return this.#hash.digest('base64');
  }
}
