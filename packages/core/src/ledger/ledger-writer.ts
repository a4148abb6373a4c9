import { fstatSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFile, syncFolder } from '../files/sync-file.ts';
import type { VolumeMutex } from '../files/volume-mutex.ts';
import { CREATION_ROW_BYTES, type CreationDetails, formatCreationRow } from './creation-table.ts';
import type { LedgerMirror } from './ledger-mirror.ts';

export interface NewRow {
  readonly num: number;
  readonly verify: boolean;
  readonly keyHash?: string;
  /** Asked while no other process can append; a throw keeps this row, and only this row, out of the ledger. */
  readonly guard?: () => void;
}

export interface AppendedRow {
  readonly id: number;
  readonly createdAt: string;
}

interface Waiting {
  readonly row: NewRow;
  readonly resolve: (appended: AppendedRow) => void;
  readonly reject: (reason: unknown) => void;
}

interface OpenFiles {
  readonly ledger: FileHandle;
  readonly creation: FileHandle;
}

interface Placed extends Waiting {
  readonly appended: AppendedRow;
}

/**
 * Appends to `jobs.txt` from any number of processes, and tells of a row only when it is on disk.
 *
 * Group commit: whatever was asked while one batch was on its way goes together in the next. Under the volume's mutex a batch is
 * placed after the last whole row (a torn one, left by a writer that was killed, is cut off); the flush to disk comes after the
 * mutex is free, so that one process's flush holds up no other process's append. That order is safe because the file only grows:
 * a later row that is on disk has every earlier one before it.
 */
export class LedgerWriter {
  readonly #path: string;
  readonly #creationPath: string;
  readonly #mutex: VolumeMutex;
  readonly #mirror: LedgerMirror;
  #waiting: Waiting[] = [];
  #committing: Promise<void> | undefined;
  #files: OpenFiles | undefined;

  constructor(options: {
    readonly path: string;
    readonly creationPath: string;
    readonly mutex: VolumeMutex;
    readonly mirror: LedgerMirror;
  }) {
    this.#path = options.path;
    this.#creationPath = options.creationPath;
    this.#mutex = options.mutex;
    this.#mirror = options.mirror;
  }

  /**
   * Resolves when the row is on disk. Rejects with the system's error: no space or no access, then the row is not there; a flush
   * that failed (EIO), then it may be, as a job that nobody was told of.
   */
  append(row: NewRow): Promise<AppendedRow> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ row, resolve, reject });
      this.#committing ??= this.#commitAll();
    });
  }

  /** Makes every row that can be read now durable, whichever process wrote it. */
  async flush(): Promise<void> {
    await Promise.all([syncFile(this.#creationPath), syncFile(this.#path)]);
  }

  /** Waits for what was asked, then closes the files. */
  async close(): Promise<void> {
    await this.#committing;
    await this.#closeFiles();
  }

  async #commitAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      await this.#commit(batch);
    }
    this.#committing = undefined;
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    try {
      const files = await this.#openFiles();
      const placed = await this.#mutex.run(() => this.#place(batch, files));
      if (placed.length > 0) await Promise.all([files.creation.datasync(), files.ledger.datasync()]);
      for (const { resolve, appended } of placed) resolve(appended);
    } catch (error) {
      for (const { reject } of batch) reject(error);
      // After a failed flush the kernel may call the pages clean: a fresh descriptor reports the disk's next error anew.
      await this.#closeFiles();
    }
  }

  /** Inside the mutex: gives ids to the rows that their guards let through and writes them after the last whole row. */
  async #place(batch: readonly Waiting[], files: OpenFiles): Promise<Placed[]> {
    const size = this.#mirror.refresh();
    const start = this.#mirror.endOfRows;
    if (size > start) await files.ledger.truncate(start);

    const firstId = this.#mirror.lastId + 1;
    const createdAt = new Date().toISOString();
    const placed: Placed[] = [];
    for (const waiting of batch) {
      if (!passesGuard(waiting)) continue;
      placed.push({ ...waiting, appended: { id: firstId + placed.length, createdAt } });
    }
    if (placed.length === 0) return placed;

    await writeAt(files.creation, placed.map(creationRow).join(''), (firstId - 1) * CREATION_ROW_BYTES);
    try {
      await writeAt(files.ledger, placed.map(ledgerRow).join(''), start);
      return placed;
    } catch (error) {
      return keepWholeRows(placed, { ledger: files.ledger, start, error });
    }
  }

  async #openFiles(): Promise<OpenFiles> {
    if (this.#files !== undefined) {
      if (fstatSync(this.#files.ledger.fd).nlink > 0) return this.#files;
      // Rows in a file that has lost its name would be acknowledged and gone.
      await this.#closeFiles();
    }
    const creation = await openForWriting(this.#creationPath);
    try {
      this.#files = { creation, ledger: await openForWriting(this.#path) };
    } catch (error) {
      await creation.close();
      throw error;
    }
    return this.#files;
  }

  async #closeFiles(): Promise<void> {
    const files = this.#files;
    this.#files = undefined;
    await files?.ledger.close().catch(() => undefined);
    await files?.creation.close().catch(() => undefined);
  }
}

/**
 * A full disk took part of a batch. Rows that are whole have been seen by readers, which hold no lock: they stay, and are as good as
 * any other. The rest is cut off and its requests are refused. Throws the error when no row is whole.
 */
async function keepWholeRows(
  placed: readonly Placed[],
  { ledger, start, error }: { readonly ledger: FileHandle; readonly start: number; readonly error: unknown },
): Promise<Placed[]> {
  const { size } = await ledger.stat();
  const kept: Placed[] = [];
  let end = start;
  for (const one of placed) {
    const length = ledgerRow(one).length;
    if (end + length > size) break;
    end += length;
    kept.push(one);
  }
  await ledger.truncate(end);
  if (kept.length === 0) throw error;
  for (const { reject } of placed.slice(kept.length)) reject(error);
  return kept;
}

function passesGuard({ row, reject }: Waiting): boolean {
  try {
    row.guard?.();
    return true;
  } catch (error) {
    reject(error);
    return false;
  }
}

function ledgerRow({ row, appended }: Placed): string {
  return `${appended.id}, ${row.num}\n`;
}

function creationRow({ row, appended }: Placed): string {
  const details: CreationDetails = {
    createdAt: appended.createdAt,
    verify: row.verify,
    ...(row.keyHash === undefined ? {} : { keyHash: row.keyHash }),
  };
  return formatCreationRow(details);
}

async function writeAt(file: FileHandle, text: string, position: number): Promise<void> {
  const bytes = Buffer.from(text, 'latin1');
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}

/** Opens an existing file or makes it, durably: its name must not vanish with a power failure after rows were acknowledged. */
async function openForWriting(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+');
  } catch {
    // Not there yet, or not accessible: the next open tells which.
  }
  const file = await open(path, 'a+');
  await file.close();
  await syncFolder(dirname(path));
  return open(path, 'r+');
}
