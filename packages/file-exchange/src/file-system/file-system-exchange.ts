import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, lstat, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type ByteSpan, errnoCode, ifPresent, makeFolders, readSpan, syncFolder } from '@pi-jobs/core';
import type { FileExchange, FileUpload, OpenFile, StoredFile, UploadOptions } from '../file-exchange.ts';
import { nameTaken, notFound } from '../refusals.ts';
import { isFileName } from '../rules/check-file-name.ts';
import type { UploadRules } from '../rules/upload-rules.ts';
import { CheckedUpload } from '../upload/checked-upload.ts';
import { pump } from '../upload/pump.ts';
import { adoptFile } from './adopt-file.ts';
import { FileCount } from './file-count.ts';
import { FreeSpace } from './free-space.ts';
import { PartialFile } from './partial-file.ts';
import { describeStoredFile } from './stored-file.ts';
import { STALE_AFTER_MS, sweepPartials } from './sweep-partials.ts';
import { translateWriteError } from './translate-write-error.ts';

export interface FileSystemExchangeOptions {
  readonly rules: UploadRules;
  /** The data folder; files live in `files/`, what is on its way in `files.partial/` beside it. Both are made when missing. */
  readonly dataFolder: string;
  /** Bytes that uploads leave free on the volume, 64 MiB by default. */
  readonly reserveBytes?: number;
  /** Most files that the exchange holds, 100,000 by default. */
  readonly maxFiles?: number;
}

/**
 * The exchange on a folder that several processes may share:
 *
 *     write files.partial/<uuid> -> fsync it -> link(2) to files/<name> -> fsync files/ -> unlink the partial
 *
 * `link` fails when the name is there, so of two uploads of one name exactly one wins, whichever processes they are in. A crash at any
 * step leaves the file whole under its name or not there at all, and at most a stray partial, which is swept after a day.
 */
export class FileSystemExchange implements FileExchange {
  readonly #folder: string;
  readonly #partialFolder: string;
  readonly #rules: UploadRules;
  readonly #freeSpace: FreeSpace;
  readonly #fileCount: FileCount;
  #sweptAt = Number.NEGATIVE_INFINITY;

  private constructor(options: FileSystemExchangeOptions) {
    this.#folder = join(options.dataFolder, 'files');
    this.#partialFolder = join(options.dataFolder, 'files.partial');
    this.#rules = options.rules;
    this.#freeSpace = new FreeSpace(this.#folder, options.reserveBytes ?? 64 * 1024 * 1024);
    this.#fileCount = new FileCount(this.#folder, options.maxFiles ?? 100_000);
  }

  static async open(options: FileSystemExchangeOptions): Promise<FileSystemExchange> {
    const exchange = new FileSystemExchange(options);
    await makeFolders(exchange.#folder);
    await makeFolders(exchange.#partialFolder);
    await exchange.#sweep();
    return exchange;
  }

  async admit(filename: string, options: Pick<UploadOptions, 'declaredSize'> = {}): Promise<void> {
    await this.#checkName(filename, options.declaredSize);
    await this.#freeSpace.require(options.declaredSize ?? 0);
  }

  async beginUpload(filename: string, options: UploadOptions = {}): Promise<FileUpload> {
    options.signal?.throwIfAborted();
    await this.admit(filename, options);
    await this.#sweep();
    const path = join(this.#partialFolder, randomUUID());
    const handle = await open(path, 'wx').catch((error: unknown) => {
      throw translateWriteError(error);
    });
    const target = new PartialFile({
      path,
      handle,
      freeSpace: this.#freeSpace,
      publish: (partialPath) => this.#publish(partialPath, filename),
    });
    return new CheckedUpload({ filename, rules: this.#rules, options, target });
  }

  async put(
    filename: string,
    content: AsyncIterable<Uint8Array>,
    options: UploadOptions = {},
  ): Promise<StoredFile> {
    await using upload = await this.beginUpload(filename, options);
    await pump(content, upload, options.signal);
    return await upload.commit();
  }

  /**
   * Takes over a file that lies complete on the same volume, after the same checks as any upload, without copying it. The file at
   * `path` stays where it is: it becomes a second name of the same file, or stays as it was when it is refused. Doing it again for
   * the same file changes nothing, so whoever was interrupted between this and what follows may start over.
   */
  async adopt(filename: string, path: string): Promise<StoredFile> {
    if (await this.#isSameFile(path, filename)) return await this.stat(filename);
    await adoptFile(path, filename, this.#rules, (size) => this.#checkName(filename, size));
    return await this.#publish(path, filename);
  }

  async list(): Promise<readonly string[]> {
    const entries = await readdir(this.#folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && isFileName(entry.name))
      .map((entry) => entry.name)
      .sort();
  }

  async stat(filename: string): Promise<StoredFile> {
    const stats = await ifPresent(lstat(this.#pathOf(filename), { bigint: true }));
    if (!stats?.isFile()) throw notFound(filename);
    return describeStoredFile(filename, stats);
  }

  async open(filename: string): Promise<OpenFile> {
    const path = this.#pathOf(filename);
    // Links are not followed: what lies outside the folder is not the exchange's to hand out. NONBLOCK: a pipe must not hold us up.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const handle = await openUnlessLink(path, flags);
    if (handle === undefined) throw notFound(filename);
    try {
      const stats = await handle.stat({ bigint: true });
      if (!stats.isFile()) throw notFound(filename);
      return openFile(handle, describeStoredFile(filename, stats));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async remove(filename: string): Promise<void> {
    await this.stat(filename);
    const removed = await ifPresent(unlink(this.#pathOf(filename)).then(() => true));
    if (removed === undefined) throw notFound(filename);
    await syncFolder(this.#folder);
  }

  async #checkName(filename: string, declaredSize: number | undefined): Promise<void> {
    this.#rules.checkAnnounced(filename, declaredSize);
    const taken = await ifPresent(lstat(join(this.#folder, filename)));
    if (taken !== undefined) throw nameTaken(filename);
    await this.#fileCount.requireRoom();
  }

  async #publish(path: string, filename: string): Promise<StoredFile> {
    try {
      await link(path, join(this.#folder, filename));
    } catch (error) {
      throw errnoCode(error) === 'EEXIST' ? nameTaken(filename) : translateWriteError(error);
    }
    await syncFolder(this.#folder);
    return await this.stat(filename);
  }

  async #isSameFile(path: string, filename: string): Promise<boolean> {
    if (!isFileName(filename)) return false;
    const [one, other] = await Promise.all([
      ifPresent(lstat(path)),
      ifPresent(lstat(this.#pathOf(filename))),
    ]);
    return one !== undefined && one.ino === other?.ino && one.dev === other.dev;
  }

  #pathOf(filename: string): string {
    if (!isFileName(filename)) throw notFound(filename);
    return join(this.#folder, filename);
  }

  async #sweep(): Promise<void> {
    const now = Date.now();
    if (now - this.#sweptAt < STALE_AFTER_MS / 24) return;
    this.#sweptAt = now;
    await sweepPartials(this.#partialFolder, now);
  }
}

function openFile(handle: FileHandle, file: StoredFile): OpenFile {
  return {
    file,
    read: (span = { start: 0, end: file.size }, options = {}) => readAll(handle, span, options),
    close: () => handle.close(),
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

/** A file that ends early (somebody cut it) is an error: what its size promised cannot be kept. */
async function* readAll(
  handle: FileHandle,
  span: ByteSpan,
  options: { readonly recycle?: boolean },
): AsyncGenerator<Uint8Array> {
  let at = span.start;
  for await (const chunk of readSpan(handle, span, options)) {
    at += chunk.length;
    yield chunk;
  }
  if (at < span.end) throw new Error(`the file ended at byte ${at} of ${span.end}`);
}

async function openUnlessLink(path: string, flags: number): Promise<FileHandle | undefined> {
  try {
    return await ifPresent(open(path, flags));
  } catch (error) {
    if (errnoCode(error) === 'ELOOP') return undefined;
    throw error;
  }
}
