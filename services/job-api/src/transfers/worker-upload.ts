import type { ControlledTransfer } from '@pi-jobs/core';
import {
  type FileExchange,
  type FileUpload,
  HEAD_BYTES,
  type StoredFile,
  unlessAborted,
} from '@pi-jobs/file-exchange';

/** Uses the worker id up; called once the content is known to be acceptable. */
export type StartTransfer = () => Promise<ControlledTransfer>;

/**
 * An upload whose bytes pass the gate of a controlled transfer. The worker id is used only when the head of the file has been looked
 * at, or, of a smaller one, when it is stored: a file that is refused leaves the id as it was.
 */
export class WorkerUpload implements FileUpload {
  readonly #upload: FileUpload;
  readonly #start: StartTransfer;
  readonly #onStarted: (transfer: ControlledTransfer) => void;
  readonly #exchange: Pick<FileExchange, 'remove'>;
  readonly #signal: AbortSignal;
  #transfer: ControlledTransfer | undefined;

  constructor(
    upload: FileUpload,
    options: {
      readonly start: StartTransfer;
      readonly onStarted: (transfer: ControlledTransfer) => void;
      readonly exchange: Pick<FileExchange, 'remove'>;
      /** Ends the wait for the end of a pause. */
      readonly signal: AbortSignal;
    },
  ) {
    this.#upload = upload;
    this.#exchange = options.exchange;
    this.#signal = options.signal;
    this.#start = options.start;
    this.#onStarted = options.onStarted;
  }

  get filename(): string {
    return this.#upload.filename;
  }

  get bytes(): number {
    return this.#upload.bytes;
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.#transfer === undefined) {
      await this.#upload.write(chunk);
      if (this.bytes >= HEAD_BYTES) await this.#begin();
      return;
    }
    await unlessAborted(this.#transfer.admit(), this.#signal);
    try {
      await this.#upload.write(chunk);
    } finally {
      this.#transfer.moved(chunk.length);
    }
  }

  async commit(): Promise<StoredFile> {
    const file = await this.#upload.commit();
    if (this.#transfer !== undefined) return file;
    try {
      await this.#begin();
      return file;
    } catch (error) {
      // Another request has used the id up meanwhile: this one stores nothing.
      await this.#exchange.remove(file.filename);
      throw error;
    }
  }

  abort(): Promise<void> {
    return this.#upload.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  async #begin(): Promise<void> {
    this.#transfer = await this.#start();
    this.#onStarted(this.#transfer);
    await unlessAborted(this.#transfer.admit(), this.#signal);
    this.#transfer.moved(this.bytes);
  }
}
