import type { ByteSpan } from '@pi-jobs/core';

/** A file that is in the exchange, whole and under its name. */
export interface StoredFile {
  readonly filename: string;
  /** Bytes. */
  readonly size: number;
  /** Strong entity tag as it stands in HTTP, quotes included; another file under the same name later has another one. */
  readonly etag: string;
  readonly modifiedAt: Date;
}

export interface UploadOptions {
  /** Size in bytes that the sender announced. A file that is too large for the limit or the disk is then refused before its first byte, and one that ends elsewhere is refused at its end. */
  readonly declaredSize?: number;
  /** When it fires the upload is aborted and what was waiting rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * One file on its way in. The caller sets the pace: bytes move only while it calls `write`, so stopping to call it pauses the upload for as long
 * as the caller likes. Nobody sees the file before `commit`; an upload that is not committed leaves nothing behind.
 */
export interface FileUpload extends AsyncDisposable {
  readonly filename: string;
  /** Bytes taken so far. */
  readonly bytes: number;
  /**
   * Takes a chunk, which the caller must not change afterwards. Await the promise before the next call: it stays open while
   * `HIGH_WATER_BYTES` or more wait for the disk. Rejects with `too_large`, `content_mismatch` or `no_space`; the upload is aborted then.
   */
  write(chunk: Uint8Array): Promise<void>;
  /** Puts the file under its name, once it is on disk. Rejects with `name_taken` when another upload of that name was faster; the upload is aborted then. */
  commit(): Promise<StoredFile>;
  /** Removes what was written. Does nothing after the end, so it may be called whenever in doubt. */
  abort(): Promise<void>;
}

/** Most bytes of an upload that wait for the disk; as many again may be on their way to it. */
export const HIGH_WATER_BYTES = 1024 * 1024;

/** A file held open: every read sees the same bytes even if the name is removed or given to another file meanwhile. Must be closed. */
export interface OpenFile extends AsyncDisposable {
  readonly file: StoredFile;
  /**
   * The bytes of the span (all of them without one) in chunks, read as they are asked for. With `recycle` a chunk is good only until
   * the next one is asked for: where it can, the file uses its memory again.
   */
  read(span?: ByteSpan, options?: { readonly recycle?: boolean }): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Files that people put in and fetch by name. A name is given once: an upload never replaces a file. Every error that is the
 * sender's or the disk's is a `FileExchangeError`.
 */
export interface FileExchange {
  /**
   * Refuses at once what `beginUpload` would refuse: `invalid_name`, `missing_extension`, `extension_not_allowed`, `too_large`,
   * `name_taken`, `no_space`. Takes nothing: another upload may be faster.
   */
  admit(filename: string, options?: Pick<UploadOptions, 'declaredSize'>): Promise<void>;
  beginUpload(filename: string, options?: UploadOptions): Promise<FileUpload>;
  /** Takes in a whole file; reads nothing from `content` when the name is refused. */
  put(filename: string, content: AsyncIterable<Uint8Array>, options?: UploadOptions): Promise<StoredFile>;
  /** The names of all files, sorted by UTF-16 code units. */
  list(): Promise<readonly string[]>;
  /** Rejects with `not_found`, also for a name that no file can have. */
  stat(filename: string): Promise<StoredFile>;
  /** Rejects with `not_found`, also for a name that no file can have. */
  open(filename: string): Promise<OpenFile>;
  /** Rejects with `not_found`, also for a name that no file can have. */
  remove(filename: string): Promise<void>;
}
