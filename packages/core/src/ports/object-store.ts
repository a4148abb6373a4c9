/** What a store knows of an object without reading it. */
export interface ObjectInfo {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Another one when the content is another; opaque. */
  readonly version: string;
  readonly modifiedAt: Date;
}

/** A file of the caller's, which the store may make the object: nobody may write to it any more, and it stays the caller's to remove. */
export interface LocalFile {
  readonly filePath: string;
}

export type ObjectContent = Uint8Array | AsyncIterable<Uint8Array> | LocalFile;

export interface PutOptions {
  /**
   * Writes only if the object has this version now, or if there is none when it is null; else rejects with a
   * `VersionConflictError`. Left out: writes in any case.
   *
   * The conflict may be one with itself: the content was written, the answer got lost, and somebody else had written on top of it when
   * the store was asked again. Whoever tries a change again looks first whether it is there already.
   */
  readonly ifVersion?: string | null;
  /** Told to whoever fetches the object from the store itself; a store that keeps no such note ignores it. */
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

export interface GetOptions {
  /** First byte wanted, 0 by default. */
  readonly start?: number;
  /** First byte not wanted; all to the end by default. Beyond the end counts as the end. */
  readonly end?: number;
  readonly signal?: AbortSignal;
}

/** An object opened for reading: what comes is all of one version, also when the key is written meanwhile. */
export interface StoredObject extends ObjectInfo {
  /** The bytes asked for, in chunks; iterate it once, or call `discard`. Breaking off in the middle releases it too. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Lets go of a body that nobody is going to read. */
  discard(): Promise<void>;
}

export interface ListOptions {
  /** Only keys after this one. */
  readonly after?: string;
  /** 1 to 1000, 1000 by default. */
  readonly limit?: number;
}

export interface ObjectPage {
  /** In ascending order of their keys' bytes. */
  readonly objects: readonly ObjectInfo[];
  /** There are more after the last. */
  readonly hasMore: boolean;
}

/**
 * Objects by key, each whole or absent: a reader sees the old content or the new, and a `put` that fails leaves what was there.
 * Keys are 1 to 3 segments of `[A-Za-z0-9._-]`, joined by `/`, with a letter or digit first.
 *
 * Every method rejects with a `StoreUnavailableError`, or on a file system with the system's error, when the store does not do its
 * part; whether a `put` took effect is then open. Once it resolves, the content is durable.
 */
export interface ObjectStore {
  put(key: string, content: ObjectContent, options?: PutOptions): Promise<ObjectInfo>;
  /** Undefined when there is no such object. */
  stat(key: string): Promise<ObjectInfo | undefined>;
  /** Undefined when there is no such object. */
  get(key: string, options?: GetOptions): Promise<StoredObject | undefined>;
  /**
   * Makes the file `path`, which must not be there, with what the object has now, for reading only: it may be the object's own. False
   * when there is no such object. What an error leaves of the file is the caller's to remove.
   */
  copyTo(key: string, path: string, options?: { readonly signal?: AbortSignal }): Promise<boolean>;
  /** No error when there is none. */
  delete(key: string): Promise<void>;
  /** Objects whose keys begin with `prefix`, which ends with `/`. */
  list(prefix: string, options?: ListOptions): Promise<ObjectPage>;
}

/** The object is not what the writer last saw. */
export class VersionConflictError extends Error {
  override readonly name = 'VersionConflictError';

  constructor(key: string, options?: ErrorOptions) {
    super(`the object ${key} was written by somebody else`, options);
  }
}

/** The store does not answer, or answers that it cannot, also when asked again. Bears the code of a disk that fails. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
  /** So that whatever waits for a failing disk waits for a failing store too. */
  readonly code = 'EIO';
}

const SEGMENT = '[A-Za-z0-9][A-Za-z0-9._-]{0,127}';
const KEY = new RegExp(`^${SEGMENT}(/${SEGMENT}){0,2}$`);
const PREFIX = new RegExp(`^(${SEGMENT}/){1,2}$`);

/** Throws a TypeError for what is no key: a defect of the caller, never a client's input. */
export function checkObjectKey(key: string): string {
  if (!KEY.test(key)) throw new TypeError(`no object key: ${JSON.stringify(key)}`);
  return key;
}

/** Throws a TypeError for what is no prefix to list by. */
export function checkObjectPrefix(prefix: string): string {
  if (!PREFIX.test(prefix)) throw new TypeError(`no object prefix: ${JSON.stringify(prefix)}`);
  return prefix;
}
