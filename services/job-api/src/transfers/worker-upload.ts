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

export interface WorkerUploadOptions {
  readonly start: StartTransfer;
  readonly onStarted: (transfer: ControlledTransfer) => void;
  /** The id could not be used while the sender was silent. */
  readonly onRefused: (error: unknown) => void;
  readonly exchange: Pick<FileExchange, 'remove'>;
  /** Ends the wait for the end of a pause. */
  readonly signal: AbortSignal;
}

/** Who sends slowly can pause the upload all the same; milliseconds. */
const START_AFTER_MS = 250;

/**
 * An upload whose bytes pass the gate of a controlled transfer. The worker id is used only when the head of the file has been looked
 * at, or, of a smaller one, when it is stored: a file that is refused leaves the id as it was. A sender that takes its time does not
 * keep the upload from being controlled: after a quarter of a second the id is used in any case.
 */
export class WorkerUpload implements FileUpload {
  readonly #upload: FileUpload;
  readonly #options: WorkerUploadOptions;
  readonly #timer: NodeJS.Timeout;
  #transfer: ControlledTransfer | undefined;
  #starting: Promise<void> | undefined;
  #isWriting = false;
  #isDue = false;
  #told = 0;

  constructor(upload: FileUpload, options: WorkerUploadOptions) {
    this.#upload = upload;
    this.#options = options;
    this.#timer = setTimeout(() => {
      this.#isDue = true;
      if (!this.#isWriting) this.#begin().catch(options.onRefused);
    }, START_AFTER_MS);
  }

  get filename(): string {
    return this.#upload.filename;
  }

  get bytes(): number {
    return this.#upload.bytes;
  }

  async write(chunk: Uint8Array): Promise<void> {
    await this.#starting;
    this.#isWriting = true;
    try {
      if (this.#transfer !== undefined) await unlessAborted(this.#transfer.admit(), this.#options.signal);
      await this.#upload.write(chunk);
    } finally {
      this.#isWriting = false;
      this.#tell();
    }
    if (this.#isDue || this.bytes >= HEAD_BYTES) await this.#begin();
  }

  async commit(): Promise<StoredFile> {
    clearTimeout(this.#timer);
    await this.#starting;
    // What is paused does not complete either.
    if (this.#transfer !== undefined) await unlessAborted(this.#transfer.admit(), this.#options.signal);
    const file = await this.#upload.commit();
    try {
      await this.#begin();
      return file;
    } catch (error) {
      // Another request has used the id up meanwhile: this one stores nothing.
      await this.#options.exchange.remove(file.filename);
      throw error;
    }
  }

  async abort(): Promise<void> {
    clearTimeout(this.#timer);
    // A transfer that is just beginning is to be ended by whoever learns of it.
    await this.#starting?.catch(() => undefined);
    await this.#upload.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  #begin(): Promise<void> {
    clearTimeout(this.#timer);
    this.#starting ??= this.#options.start().then((transfer) => {
      this.#transfer = transfer;
      this.#options.onStarted(transfer);
      this.#tell();
    });
    return this.#starting;
  }

  #tell(): void {
    this.#transfer?.moved(this.bytes - this.#told);
    if (this.#transfer !== undefined) this.#told = this.bytes;
  }
}
