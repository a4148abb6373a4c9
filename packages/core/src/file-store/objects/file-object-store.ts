import { randomUUID } from 'node:crypto';
import { type BigIntStats, statSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ifPresent } from '../../files/errno.ts';
import { type ByteSpan, readSpan } from '../../files/read-span.ts';
import { syncFolder } from '../../files/replace-file.ts';
import { sweepFolder } from '../../files/sweep-folder.ts';
import { VolumeMutex } from '../../files/volume-mutex.ts';
import {
  checkObjectKey,
  checkObjectPrefix,
  type GetOptions,
  type ListOptions,
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

/**
 * Objects as files: the key is the path below the data folder.
 *
 *     write state/objects/<uuid> -> fsync it -> (mutex: is the version as expected?) -> rename to <key> -> fsync the folder
 *
 * A crash before the rename leaves a stray temporary file, which a later start removes; one after it leaves the object, whole. Each
 * object is a new file, so inode and times tell its versions apart, and a reader that has one open reads it to its end whatever
 * happens to the name.
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
    await mkdir(`${dataDir}/state/objects`, { recursive: true });
    return new FileObjectStore(dataDir);
  }

  async put(
    key: string,
    content: Uint8Array | AsyncIterable<Uint8Array>,
    options: PutOptions = {},
  ): Promise<ObjectInfo> {
    const path = this.#path(key);
    const temporary = `${this.#temporary}/${randomUUID()}`;
    try {
      await writeDurably(temporary, content, options.signal);
      if ((await mkdir(dirname(path), { recursive: true })) !== undefined) await syncFolder(this.#root);
      const stats = await this.#mutex.run(async () => {
        if (options.ifVersion !== undefined) checkVersion(key, path, options.ifVersion);
        await rename(temporary, path);
        return stat(path, { bigint: true });
      });
      await syncFolder(dirname(path));
      return infoOf(key, stats);
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
  }

  async stat(key: string): Promise<ObjectInfo | undefined> {
    const stats = await ifPresent(stat(this.#path(key), { bigint: true }));
    return stats === undefined ? undefined : infoOf(key, stats);
  }

  async get(key: string, { start = 0, end, signal }: GetOptions = {}): Promise<StoredObject | undefined> {
    const file = await ifPresent(open(this.#path(key), 'r'));
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

async function writeDurably(
  path: string,
  content: Uint8Array | AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const file = await open(path, 'wx');
  try {
    for await (const chunk of content instanceof Uint8Array ? [content] : content) {
      signal?.throwIfAborted();
      await file.appendFile(chunk);
    }
    await file.datasync();
  } finally {
    await file.close();
  }
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

/** Keys of the files below a folder, one level of folders deep. */
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
