import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants } from 'node:zlib';
import type { Digits, JobId } from '@pi-jobs/core';
import { ZipArchive } from 'archiver';

/** One date for every archive, so that an archive that is made again has the same bytes. */
const ENTRY_DATE = new Date('1980-01-01T00:00:00Z');

export interface WrittenZip {
  readonly bytes: number;
  /** SHA-256 of the archive, base64. */
  readonly sha256: string;
}

/** Name of the one file in the archive of a job. */
export function digitsEntryName(id: JobId): string {
  return `digits_of_pi_${id}.txt`;
}

/**
 * Writes the archive of a complete result to `path`. The digits of pi have no repeats worth a search, so deflate only entropy-codes
 * (`Z_HUFFMAN_ONLY`): smaller than the default by what the few found matches cost, and several times as fast.
 */
export async function zipDigits(
  id: JobId,
  digits: Digits,
  path: string,
  signal: AbortSignal,
): Promise<WrittenZip> {
  const archive = new ZipArchive({
    zlib: { level: 1, strategy: constants.Z_HUFFMAN_ONLY, chunkSize: 1 << 16 },
  });
  const hash = createHash('sha256');
  let bytes = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  const text = Readable.from(digits.readText(signal), { objectMode: false });
  archive.append(text, { name: digitsEntryName(id), date: ENTRY_DATE });
  const written = pipeline(archive, measure, createWriteStream(path, { flags: 'wx', flush: true }), {
    signal,
  });
  // An error of the source would leave the archive waiting for its end.
  text.once('error', (error) => archive.destroy(error));
  await Promise.all([written, archive.finalize().catch(() => undefined)]);
  return { bytes, sha256: hash.digest('base64') };
}
