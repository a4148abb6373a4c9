import { closeSync, fstatSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';

/** An id in decimal, padded, and a newline: a row that a killed writer left unfinished is written over by the next. */
const ROW_BYTES = 16;
const MOST_BYTES = 1 << 20;

/**
 * `state/changes`: the ids of jobs whose open records were written, in the order of their writing. Whoever has read it once knows which
 * records to read again, however many there are. Written and read inside the volume's mutex, always before the record: a writer that is
 * killed between leaves a look too many. It is begun anew when it is long; it holds nothing that is not in the records.
 */
export class ChangeLog {
  readonly #path: string;
  readonly #temporary: string;
  #file: { readonly descriptor: number; readonly ino: number } | undefined;
  #read = { ino: -1, bytes: 0 };

  constructor(path: string, temporary: string) {
    this.#path = path;
    this.#temporary = temporary;
  }

  /** Throws the system's error; then the record must not be written. */
  async append(id: number): Promise<void> {
    const { size } = await this.#open();
    const row = Buffer.from(`${String(id).padStart(ROW_BYTES - 1)}\n`, 'latin1');
    const place = size - (size % ROW_BYTES);
    writeSync(this.#file?.descriptor ?? -1, row, 0, ROW_BYTES, place);
  }

  /** Ids that were written since the last call, or undefined when any may have been. */
  changes(): number[] | undefined {
    const stat = statSync(this.#path, { throwIfNoEntry: false });
    const { ino, bytes } = this.#read;
    if (stat === undefined) return undefined;
    const end = stat.size - (stat.size % ROW_BYTES);
    const isAnew = ino !== stat.ino || end < bytes;
    const ids = isAnew || end === bytes ? [] : readIds(this.#path, bytes, end);
    this.#read = { ino: stat.ino, bytes: end };
    return isAnew ? undefined : ids;
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file.descriptor);
    this.#file = undefined;
  }

  /** Opens the file that has the name now; another process may have begun it anew. */
  async #open(): Promise<{ readonly size: number }> {
    const there = statSync(this.#path, { throwIfNoEntry: false });
    if (there === undefined || there.size >= MOST_BYTES) {
      await writeFile(this.#temporary, '');
      await rename(this.#temporary, this.#path);
    }
    if (this.#file === undefined || this.#file.ino !== there?.ino || there.size >= MOST_BYTES) {
      this.close();
      const descriptor = openSync(this.#path, 'r+');
      this.#file = { descriptor, ino: fstatSync(descriptor).ino };
    }
    return fstatSync(this.#file.descriptor);
  }
}

function readIds(path: string, start: number, end: number): number[] {
  const descriptor = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(end - start);
    readSync(descriptor, bytes, 0, bytes.length, start);
    const ids = bytes.toString('latin1').split('\n').slice(0, -1).map(Number);
    return [...new Set(ids.filter((id) => Number.isSafeInteger(id) && id > 0))];
  } finally {
    closeSync(descriptor);
  }
}
