import { randomUUID } from 'node:crypto';
import { type BigIntStats, closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { copyFile, type FileHandle, link, open, readdir, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoCode, ifPresent } from '../../files/errno.ts';
import { makeFolders } from '../../files/make-folders.ts';
import { type ByteSpan, readSpan } from '../../files/read-span.ts';
import { sweepFolder } from '../../files/sweep-folder.ts';
import { syncFile, syncFolder } from '../../files/sync-file.ts';
import { VolumeMutex } from '../../files/volume-mutex.ts';
import { writeFileDurably } from '../../files/write-file-durably.ts';
import {
  checkObjectKey,
  checkObjectPrefix,
  type GetOptions,
  type ListOptions,
  type ObjectContent,
  type ObjectInfo,
  type ObjectPage,
  type ObjectStore,
  type PutOptions,
  type StoredObject,
  VersionConflictError,
} from '../../ports/object-store.ts';

const MOST_LISTED = 1_000;
/** A put takes no longer than a client may take to send; what is older was left by a killed process. */
const STRAY_MS = 24 * 3600 * 1000;
/** Spans up to this are read in one step: a trip through the thread pool takes longer. */
const READ_AT_ONCE_BYTES = 64 * 1024;

/**
 * Objects as files: the key is the path below the data folder.
 *
 *     write state/objects/<uuid> -> fsync it -> (mutex: is the version as expected?) -> rename to <key> -> fsync the folder
 *
 * A crash before the rename leaves a stray temporary file, which a later start removes; one after it leaves the object, whole. Each
 * object is a new file, so inode and times tell its versions apart, and a reader that has one open reads it to its end whatever
 * happens to the name. A write without a condition needs no mutex: the kernel replaces a name in one step.
 */
export class FileObjectStore implements ObjectStore {
  readonly #root: string;
  readonly #temporary: string;
  readonly #mutex: VolumeMutex;

  private constructor(dataDir: string) {
    this.#root = dataDir;
    this.#temporary = `${dataDir}/state/objects`;
    this.#mutex = new VolumeMutex(`${dataDir}/state/objects-mutex`);
  }

  static async open(dataDir: string): Promise<FileObjectStore> {
    await makeFolders(`${dataDir}/state/objects`);
    return new FileObjectStore(dataDir);
  }

  async put(key: string, content: ObjectContent, options: PutOptions = {}): Promise<ObjectInfo> {
    const path = this.#path(key);
    const temporary = `${this.#temporary}/${randomUUID()}`;
    try {
      const stats = await writeContent(temporary, content, options.signal);
      await this.#place(temporary, path, key, options.ifVersion).catch(async (error: unknown) => {
        if (errnoCode(error) !== 'ENOENT') throw error;
        await makeFolders(dirname(path));
        await this.#place(temporary, path, key, options.ifVersion);
      });
      await syncFolder(dirname(path));
      return infoOf(key, stats);
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
  }

  async stat(key: string): Promise<ObjectInfo | undefined> {
    const stats = statSync(this.#path(key), { bigint: true, throwIfNoEntry: false });
    return stats === undefined ? undefined : infoOf(key, stats);
  }

  async get(key: string, { start = 0, end, signal }: GetOptions = {}): Promise<StoredObject | undefined> {
    const path = this.#path(key);
    const small = readIfSmall(path, { start, end: end ?? Number.POSITIVE_INFINITY });
    if (small === undefined) return undefined;
    if (small !== 'large') {
      return { ...infoOf(key, small.stats), body: oneChunk(small.bytes), discard: async () => undefined };
    }
    const file = await ifPresent(open(path, 'r'));
    if (file === undefined) return undefined;
    try {
      const info = infoOf(key, await file.stat({ bigint: true }));
      const span = { start, end: Math.min(end ?? info.size, info.size) };
      return { ...info, body: readAndClose(file, span, signal), discard: () => file.close() };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async copyTo(key: string, path: string): Promise<boolean> {
    const done = await ifPresent(linkOrCopy(this.#path(key), path).then(() => true));
    return done === true;
  }

  async delete(key: string): Promise<void> {
    await ifPresent(unlink(this.#path(key)));
  }

  async list(prefix: string, { after = '', limit = MOST_LISTED }: ListOptions = {}): Promise<ObjectPage> {
    const folder = `${this.#root}/${checkObjectPrefix(prefix).slice(0, -1)}`;
    const keys = await keysBelow(folder, prefix);
    const wanted = keys.filter((key) => key > after).sort();
    const objects: ObjectInfo[] = [];
    for (const key of wanted.slice(0, limit)) {
      // It may have been deleted since.
      const info = await this.stat(key);
      if (info !== undefined) objects.push(info);
    }
    return { objects, hasMore: wanted.length > limit };
  }

  /** Removes what processes that were killed in the middle of a `put` left a day ago or more. */
  async sweep(): Promise<void> {
    await sweepFolder(this.#temporary, STRAY_MS);
  }

  close(): void {
    this.#mutex.close();
  }

  /** Rejects with ENOENT where the object's folder is not there yet. */
  async #place(
    temporary: string,
    path: string,
    key: string,
    ifVersion: string | null | undefined,
  ): Promise<void> {
    if (ifVersion === undefined) return renameSync(temporary, path);
    await this.#mutex.run(() => {
      checkVersion(key, path, ifVersion);
      renameSync(temporary, path);
    });
  }

  #path(key: string): string {
    return `${this.#root}/${checkObjectKey(key)}`;
  }
}

/** Inside the mutex. */
function checkVersion(key: string, path: string, expected: string | null): void {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  const found = stats === undefined ? null : infoOf(key, stats).version;
  if (found !== expected) throw new VersionConflictError(key);
}

function infoOf(key: string, stats: BigIntStats): ObjectInfo {
  const version = `${stats.ino.toString(36)}-${stats.mtimeNs.toString(36)}`;
  return { key, size: Number(stats.size), version, modifiedAt: new Date(Number(stats.mtimeMs)) };
}

/** Puts the content into a new file, on disk when this resolves. */
async function writeContent(
  path: string,
  content: ObjectContent,
  signal: AbortSignal | undefined,
): Promise<BigIntStats> {
  if (!('filePath' in content)) return writeFileDurably(path, content, signal);
  await linkOrCopy(content.filePath, path);
  await syncFile(path);
  return statSync(path, { bigint: true });
}

/** A second name costs no copy, but not every two folders are on one volume, and not every volume knows such names. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') throw error;
    await copyFile(from, to);
  }
}

/** Undefined when there is no such file. */
function readIfSmall(
  path: string,
  { start, end }: ByteSpan,
): { readonly stats: BigIntStats; readonly bytes: Buffer } | 'large' | undefined {
  const file = openIfPresent(path);
  if (file === undefined) return undefined;
  try {
    const stats = fstatSync(file, { bigint: true });
    const length = Math.max(0, Math.min(end, Number(stats.size)) - start);
    if (length > READ_AT_ONCE_BYTES) return 'large';
    const bytes = Buffer.allocUnsafe(length);
    return { stats, bytes: bytes.subarray(0, readSync(file, bytes, 0, length, start)) };
  } finally {
    closeSync(file);
  }
}

function openIfPresent(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

async function* readAndClose(
  file: FileHandle,
  span: ByteSpan,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    yield* readSpan(file, span, { signal });
  } finally {
    await file.close();
  }
}

/** Keys of the files below a folder, however deep. */
async function keysBelow(folder: string, prefix: string): Promise<string[]> {
  const entries = (await ifPresent(readdir(folder, { withFileTypes: true }))) ?? [];
  const keys: string[] = [];
  for (const entry of entries) {
    if (entry.isFile()) keys.push(prefix + entry.name);
    else if (entry.isDirectory()) {
      keys.push(...(await keysBelow(`${folder}/${entry.name}`, `${prefix}${entry.name}/`)));
    }
  }
  return keys;
}
