import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { errnoCode } from '../files/errno.ts';

/** The ledger holds something that no crash of this program leaves behind. Nothing is repaired; people must look. */
export class LedgerCorruptError extends Error {
  override readonly name = 'LedgerCorruptError';
  readonly code = 'LEDGER_CORRUPT';
}

const NEWLINE = 0x0a;
const READ_CHUNK_BYTES = 1 << 20;
const ROW = /^([1-9][0-9]{0,14}), ([1-9][0-9]{0,14})$/;

/**
 * What `jobs.txt` says, in memory: `num` by job id, 8 bytes a job, kept up by reading only what was appended since the last look.
 * A row counts once its newline is there; a torn last row is not seen. Reads are synchronous: a look that finds nothing new costs
 * one `fstat`, 2 microseconds.
 */
export class LedgerMirror {
  readonly #path: string;
  #descriptor: number | undefined;
  #nums = new Float64Array(1024);
  #lastId = 0;
  #endOfRows = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** The newest id that the last look saw; 0 when the ledger is empty. */
  get lastId(): number {
    return this.#lastId;
  }

  /** Byte offset after the last whole row. */
  get endOfRows(): number {
    return this.#endOfRows;
  }

  /** Digits asked for by job `id`, or undefined when the ledger does not hold it. Looks again when the id is newer than known. */
  numOf(id: number): number | undefined {
    if (id > this.#lastId) this.refresh();
    return id >= 1 && id <= this.#lastId ? this.#nums[id - 1] : undefined;
  }

  /** Takes in what was appended. Returns the file's size; more than `endOfRows` means a torn last row. */
  refresh(): number {
    const descriptor = this.#open();
    if (descriptor === undefined) return 0;
    const { size, nlink } = fstatSync(descriptor);
    if (nlink === 0) {
      // Somebody removed or replaced the file: what has its name now counts.
      this.close();
      this.#forget();
      return this.refresh();
    }
    // Somebody cut the file by hand; the writers never take back a whole row.
    if (size < this.#endOfRows) this.#forget();
    while (this.#endOfRows < size) if (!this.#takeIn(descriptor, size)) break;
    return size;
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #open(): number | undefined {
    if (this.#descriptor !== undefined) return this.#descriptor;
    try {
      this.#descriptor = openSync(this.#path, 'r');
    } catch (error) {
      if (errnoCode(error) !== 'ENOENT') throw error;
    }
    return this.#descriptor;
  }

  #forget(): void {
    this.#lastId = 0;
    this.#endOfRows = 0;
  }

  /** Reads one chunk and takes in its whole rows; false when there was none. */
  #takeIn(descriptor: number, size: number): boolean {
    const chunk = Buffer.allocUnsafe(Math.min(size - this.#endOfRows, READ_CHUNK_BYTES));
    const bytes = readSync(descriptor, chunk, 0, chunk.length, this.#endOfRows);
    const end = chunk.subarray(0, bytes).lastIndexOf(NEWLINE) + 1;
    if (end === 0) return false;
    const known = this.#lastId;
    try {
      for (const row of chunk.toString('latin1', 0, end - 1).split('\n')) this.#takeRow(row);
    } catch (error) {
      // The next look begins where this one did.
      this.#lastId = known;
      throw error;
    }
    this.#endOfRows += end;
    return true;
  }

  #takeRow(row: string): void {
    const [, id, num] = ROW.exec(row) ?? [];
    const expected = this.#lastId + 1;
    if (id === undefined || num === undefined || Number(id) !== expected) {
      throw new LedgerCorruptError(
        `row ${expected} of the ledger must read "${expected}, <num>" but reads ${JSON.stringify(row.slice(0, 80))}`,
      );
    }
    if (this.#lastId === this.#nums.length) {
      const larger = new Float64Array(this.#nums.length * 2);
      larger.set(this.#nums);
      this.#nums = larger;
    }
    this.#nums[this.#lastId] = Number(num);
    this.#lastId = expected;
  }
}
