import { type Stats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { ifPresent } from '../../files/errno.ts';
import { type JobId, parseCountedId } from '../../job/job.ts';
import type { DigitSource, Digits } from '../../ports/digit-source.ts';
import type { FileVolume } from '../volume/file-volume.ts';
import { certainDigits, readBytes, readDigits } from './digit-file.ts';
import { LongestResultFile } from './longest-result.ts';

/** Results on the shared volume. */
export class FileDigitSource implements DigitSource {
  readonly #volume: FileVolume;
  readonly #longest: LongestResultFile;

  constructor(volume: FileVolume) {
    this.#volume = volume;
    this.#longest = new LongestResultFile(volume.layout);
  }

  async open(jobId: JobId): Promise<Digits | undefined> {
    const id = parseCountedId(jobId);
    const num = id === undefined ? undefined : this.#volume.ledger.numOf(id);
    if (id === undefined || num === undefined) return undefined;
    const final = this.#volume.layout.digits(id, num);
    const partial = this.#volume.layout.partialDigits(id, num);
    // The partial name can become the final one between two looks, never the other way round.
    for (const path of [final, partial, final]) {
      const file = await ifPresent(stat(path));
      if (file !== undefined) return digitsOf([path, final], file, num, path === final);
    }
    return { num, certain: 0, complete: false, version: 'none', read: nothing, readText: nothing };
  }

  async longest(): Promise<Digits | undefined> {
    const longest = this.#longest.read();
    if (longest === undefined) return undefined;
    const path = this.#volume.layout.digits(longest.id, longest.num);
    const file = statSync(path, { throwIfNoEntry: false });
    return file === undefined ? undefined : digitsOf([path], file, longest.num, true);
  }
}

function digitsOf(paths: readonly string[], file: Stats, num: number, complete: boolean): Digits {
  return {
    num,
    certain: certainDigits(file.size),
    complete,
    version: `${file.ino.toString(36)}-${file.size.toString(36)}`,
    read: (start, count, signal) => readDigits(paths, start, count, signal),
    readText: (signal) => readBytes(paths, 0, file.size, signal),
  };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
