import { type FileHandle, unlink } from 'node:fs/promises';
import type { StoredFile } from '../file-exchange.ts';
import type { UploadTarget } from '../upload/upload-target.ts';
import type { FreeSpace } from './free-space.ts';
import { translateWriteError } from './translate-write-error.ts';
import { WriteQueue } from './write-queue.ts';

/** Free space is looked at again each time so many bytes have come. */
const SPACE_CHECK_BYTES = 16 * 1024 * 1024;

export interface PartialFileParts {
  readonly path: string;
  readonly handle: FileHandle;
  readonly freeSpace: FreeSpace;
  /** Gives the file at `path` its name as well. */
  readonly publish: (path: string) => Promise<StoredFile>;
}

/** An upload on its way into a folder. */
export class PartialFile implements UploadTarget {
  readonly #parts: PartialFileParts;
  readonly #queue: WriteQueue;
  #uncheckedBytes = 0;

  constructor(parts: PartialFileParts) {
    this.#parts = parts;
    this.#queue = new WriteQueue(parts.handle);
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#uncheckedBytes += chunk.length;
    if (this.#uncheckedBytes >= SPACE_CHECK_BYTES) {
      this.#uncheckedBytes = 0;
      await this.#parts.freeSpace.require(SPACE_CHECK_BYTES);
    }
    await translated(this.#queue.push(chunk));
  }

  finish(): Promise<void> {
    return translated(this.#queue.finish());
  }

  publish(): Promise<StoredFile> {
    return this.#parts.publish(this.#parts.path);
  }

  /** The file has a second link by then, or none that counts. */
  async release(): Promise<void> {
    await this.#queue.settle();
    await this.#parts.handle.close().catch(() => undefined);
    await unlink(this.#parts.path).catch(() => undefined);
  }
}

async function translated(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw translateWriteError(error);
  }
}
