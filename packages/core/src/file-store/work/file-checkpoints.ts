import { createHash, type Hash, randomUUID } from 'node:crypto';
import { type FileHandle, open, readdir, rename, rm, unlink } from 'node:fs/promises';
import type { CheckpointStore } from '../../engine/digit-engine.ts';
import { ifPresent } from '../../files/errno.ts';
import { makeFolders } from '../../files/make-folders.ts';
import { readSpan } from '../../files/read-span.ts';
import { sweepFolder } from '../../files/sweep-folder.ts';
import { syncFolder } from '../../files/sync-file.ts';

const NAME = /^[a-z0-9][a-z0-9.-]{0,63}$/;
const SUFFIX = '.checkpoint';
const TEMPORARY_SUFFIX = '.temporary';
/** Ends every file: a mark with the format's version, then the SHA-256 of all before. */
const MARK = Buffer.from('pi-jobs checkpoint 1\n');
const TRAILER_BYTES = MARK.length + 32;

/**
 * The checkpoints of one job, a file each. The content is followed by a mark and a SHA-256; a file that is cut, damaged or of
 * another format counts as absent and is removed, so that it costs time and never a wrong digit.
 */
export class FileCheckpoints implements CheckpointStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async list(): Promise<readonly string[]> {
    const files = (await ifPresent(readdir(this.#folder))) ?? [];
    return files.filter((file) => file.endsWith(SUFFIX)).map((file) => file.slice(0, -SUFFIX.length));
  }

  async read(name: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    const path = this.#path(name);
    const file = await ifPresent(open(path, 'r'));
    if (file === undefined) return undefined;
    const contentBytes = await soundContentBytes(file).catch(async (error: unknown) => {
      await file.close();
      throw error;
    });
    if (contentBytes !== undefined) return readContent(file, contentBytes);
    await file.close();
    await ifPresent(unlink(path));
    return undefined;
  }

  async write(
    name: string,
    chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<void> {
    const path = this.#path(name);
    signal?.throwIfAborted();
    await makeFolders(this.#folder);
    const temporary = `${this.#folder}/${randomUUID()}${TEMPORARY_SUFFIX}`;
    try {
      const file = await open(temporary, 'wx');
      try {
        const hash = createHash('sha256');
        for await (const chunk of chunks) {
          signal?.throwIfAborted();
          hash.update(chunk);
          await file.appendFile(chunk);
        }
        await file.appendFile(Buffer.concat([MARK, hash.update(MARK).digest()]));
        await file.datasync();
      } finally {
        await file.close();
      }
      signal?.throwIfAborted();
      await rename(temporary, path);
      await syncFolder(this.#folder);
    } catch (error) {
      await ifPresent(unlink(temporary));
      throw error;
    }
  }

  async delete(name: string): Promise<void> {
    await ifPresent(unlink(this.#path(name)));
  }

  /** Removes what writers left that were killed. To be called by whoever has taken the job, before it writes: no other writes what counts. */
  async sweep(): Promise<void> {
    await sweepFolder(this.#folder, Number.NEGATIVE_INFINITY, (name) => name.endsWith(TEMPORARY_SUFFIX));
  }

  /** Removes all of them and what a killed writer left. */
  async clear(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  #path(name: string): string {
    if (!NAME.test(name))
      throw new TypeError(`a checkpoint's name must match ${NAME}, not ${JSON.stringify(name)}`);
    return `${this.#folder}/${name}${SUFFIX}`;
  }
}

/** Bytes before the trailer, or undefined when the file is not what `write` left. */
async function soundContentBytes(file: FileHandle): Promise<number | undefined> {
  const contentBytes = (await file.stat()).size - TRAILER_BYTES;
  if (contentBytes < 0) return undefined;
  const hash = createHash('sha256');
  await hashRange(file, contentBytes + MARK.length, hash);
  const trailer = Buffer.alloc(TRAILER_BYTES);
  await file.read(trailer, 0, TRAILER_BYTES, contentBytes);
  const isSound =
    trailer.subarray(0, MARK.length).equals(MARK) && trailer.subarray(MARK.length).equals(hash.digest());
  return isSound ? contentBytes : undefined;
}

async function hashRange(file: FileHandle, end: number, hash: Hash): Promise<void> {
  for await (const chunk of readSpan(file, { start: 0, end })) hash.update(chunk);
}

async function* readContent(file: FileHandle, contentBytes: number): AsyncGenerator<Uint8Array> {
  try {
    yield* readSpan(file, { start: 0, end: contentBytes });
  } finally {
    await file.close();
  }
}
