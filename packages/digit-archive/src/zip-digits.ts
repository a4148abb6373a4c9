import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Digits, JobId } from '@pi-jobs/core';
import { createDigitZipArchive } from './digit-zip-archive.ts';

/** Text that is compressed at a stretch, for less than a millisecond: requests are answered meanwhile. */
const PIECE_BYTES = 1 << 18;

/** One date for every archive, so that an archive that is made again has the same bytes. */
const ENTRY_DATE = new Date('1980-01-01T00:00:00Z');

/** Name of the one file in the archive of a job. */
export function digitsEntryName(id: JobId): string {
  return `digits_of_pi_${id}.txt`;
}

/**
 * Writes the archive of a complete result to the new file `path`, durably, and returns its SHA-256 in base64. The bytes are the same
 * every time.
 *
 * @throws RangeError where the result is not the text of so many digits.
 */
export async function zipDigits(
  id: JobId,
  digits: Digits,
  path: string,
  signal: AbortSignal,
): Promise<string> {
  const archive = createDigitZipArchive();
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const text = Readable.from(wholeText(digits, signal), { objectMode: false, highWaterMark: PIECE_BYTES });
  // An error of the source would leave the archive waiting for its end.
  text.once('error', (error) => archive.destroy(error));
  archive.append(text, { name: digitsEntryName(id), date: ENTRY_DATE });
  const file = createWriteStream(path, { flags: 'wx', flush: true });
  const written = pipeline(archive, hashing, file, { signal });
  // What goes wrong with it is told by the pipeline.
  archive.finalize().catch(() => undefined);
  try {
    await written;
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    // An archive that is given up leaves its source as it is: the result's file would stay open until the collector finds it, which
    // ends the process.
    text.destroy();
  }
  return hash.digest('base64');
}

async function* wholeText(digits: Digits, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const expected = digits.num === 1 ? 1 : digits.num + 1;
  let size = 0;
  for await (const chunk of digits.readText(signal)) {
    size += chunk.length;
    for (let start = 0; start < chunk.length; start += PIECE_BYTES)
      yield chunk.subarray(start, start + PIECE_BYTES);
  }
  if (size !== expected)
    throw new RangeError(`the result is ${size} bytes of text, ${expected} are expected`);
}
