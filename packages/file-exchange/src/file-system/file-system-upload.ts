import { type FileHandle, unlink } from 'node:fs/promises';
import type { ContentInspector } from '../content/content-inspector.ts';
import type { FileUpload, StoredFile, UploadOptions } from '../file-exchange.ts';
import { FileExchangeError } from '../file-exchange-error.ts';
import type { UploadRules } from '../rules/upload-rules.ts';
import type { FreeSpace } from './free-space.ts';
import { translateWriteError } from './translate-write-error.ts';
import { WriteQueue } from './write-queue.ts';

/** Free space is looked at again each time so many bytes have come. */
const SPACE_CHECK_BYTES = 16 * 1024 * 1024;

export interface FileSystemUploadParts {
  readonly filename: string;
  readonly partialPath: string;
  readonly partial: FileHandle;
  readonly rules: UploadRules;
  readonly freeSpace: FreeSpace;
  readonly options: UploadOptions;
  /** Gives the partial file its name. */
  readonly publish: (partialPath: string, filename: string) => Promise<StoredFile>;
}

export class FileSystemUpload implements FileUpload {
  readonly filename: string;
  readonly #parts: FileSystemUploadParts;
  readonly #queue: WriteQueue;
  readonly #inspector: ContentInspector;
  #bytes = 0;
  #bytesAtSpaceCheck = 0;
  #cleanup: Promise<void> | undefined;
  #endedBecause: unknown;

  constructor(parts: FileSystemUploadParts) {
    this.filename = parts.filename;
    this.#parts = parts;
    this.#queue = new WriteQueue(parts.partial);
    this.#inspector = parts.rules.inspectorFor(parts.filename);
    parts.options.signal?.addEventListener('abort', this.#onSignal);
    if (parts.options.signal?.aborted) this.#onSignal();
  }

  get bytes(): number {
    return this.#bytes;
  }

  write(chunk: Uint8Array): Promise<void> {
    return this.#orAbort(async () => {
      this.#bytes += chunk.length;
      this.#parts.rules.checkSize(this.#bytes);
      this.#inspector.push(chunk);
      await this.#watchSpace();
      await this.#queue.push(chunk);
    });
  }

  commit(): Promise<StoredFile> {
    return this.#orAbort(async () => {
      this.#checkDeclaredSize();
      this.#inspector.end();
      await this.#queue.finish();
      this.#throwIfEnded();
      const stored = await this.#parts.publish(this.#parts.partialPath, this.filename);
      await this.#end(new Error('the upload is committed'));
      return stored;
    });
  }

  async abort(): Promise<void> {
    await this.#end(new Error('the upload was aborted'));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.abort();
  }

  readonly #onSignal = (): void => {
    void this.#end(this.#parts.options.signal?.reason);
  };

  async #orAbort<T>(step: () => Promise<T>): Promise<T> {
    this.#throwIfEnded();
    try {
      return await step();
    } catch (error) {
      const reason = this.#cleanup === undefined ? translateWriteError(error) : this.#endedBecause;
      await this.#end(reason);
      throw reason;
    }
  }

  /** Whoever comes first names the reason; everyone waits until nothing is left. */
  #end(reason: unknown): Promise<void> {
    if (this.#cleanup === undefined) {
      this.#endedBecause = reason;
      this.#cleanup = this.#removePartial();
    }
    return this.#cleanup;
  }

  async #removePartial(): Promise<void> {
    this.#parts.options.signal?.removeEventListener('abort', this.#onSignal);
    await this.#queue.settle();
    await this.#parts.partial.close().catch(() => undefined);
    await unlink(this.#parts.partialPath).catch(() => undefined);
  }

  #throwIfEnded(): void {
    if (this.#cleanup !== undefined) throw this.#endedBecause;
  }

  #checkDeclaredSize(): void {
    const { declaredSize } = this.#parts.options;
    if (declaredSize === undefined || declaredSize === this.#bytes) return;
    throw new FileExchangeError(
      'size_mismatch',
      `${declaredSize} bytes were announced, but ${this.#bytes} came.`,
    );
  }

  async #watchSpace(): Promise<void> {
    if (this.#bytes - this.#bytesAtSpaceCheck < SPACE_CHECK_BYTES) return;
    this.#bytesAtSpaceCheck = this.#bytes;
    await this.#parts.freeSpace.require(SPACE_CHECK_BYTES);
  }
}
