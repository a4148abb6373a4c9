import type { FileHandle } from 'node:fs/promises';
import { HIGH_WATER_BYTES } from '../file-exchange.ts';

/** After so many bytes the disk is asked to begin, so that the wait at the end is for the last of them and not for all. */
const SYNC_EVERY_BYTES = 64 * 1024 * 1024;

/**
 * Appends chunks to a file in order. While the disk takes one lot the next one gathers, up to `HIGH_WATER_BYTES`; a lot goes out in one
 * system call. A failure shows in the next `push` or `finish`.
 */
export class WriteQueue {
  readonly #file: FileHandle;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #draining: Promise<void> | undefined;
  #syncing: Promise<void> | undefined;
  #unsyncedBytes = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async push(chunk: Uint8Array): Promise<void> {
    this.#throwFailure();
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    this.#draining ??= this.#drain();
    if (this.#waitingBytes >= HIGH_WATER_BYTES) {
      await this.#draining;
      this.#throwFailure();
    }
  }

  /** Waits until every byte is on the disk itself. */
  async finish(): Promise<void> {
    await this.settle();
    this.#throwFailure();
    await this.#file.sync();
  }

  /** Waits until the file is touched no more, however it went. */
  async settle(): Promise<void> {
    await this.#draining;
    await this.#syncing;
  }

  async #drain(): Promise<void> {
    try {
      while (this.#waiting.length > 0 && this.#failure === undefined) {
        const lot = this.#waiting;
        this.#unsyncedBytes += this.#waitingBytes;
        this.#waiting = [];
        this.#waitingBytes = 0;
        await writeAll(this.#file, lot);
        this.#beginSync();
      }
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      this.#draining = undefined;
    }
  }

  #beginSync(): void {
    if (this.#unsyncedBytes < SYNC_EVERY_BYTES || this.#syncing !== undefined) return;
    this.#unsyncedBytes = 0;
    this.#syncing = this.#file
      .datasync()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#syncing = undefined;
      });
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

/** A disk that runs full takes a part of a lot; the rest is offered again and then fails with the reason. */
async function writeAll(file: FileHandle, lot: readonly Uint8Array[]): Promise<void> {
  const size = lot.reduce((sum, chunk) => sum + chunk.length, 0);
  let { bytesWritten } = await file.writev(lot);
  if (bytesWritten === size) return;
  const rest = Buffer.concat(lot);
  while (bytesWritten < size) bytesWritten += (await file.write(rest, bytesWritten)).bytesWritten;
}
