import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, rm, stat, statfs, unlink } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ifPresent, makeFolders } from '@pi-jobs/core';
import type { FileSystemExchange } from '@pi-jobs/file-exchange';
import { FileStore } from '@tus/file-store';
import { Upload } from '@tus/server';
import { DAY_MS, type ResumableStore } from '../resumable-store.ts';
import { CHECKSUM_MISMATCH, expectedChecksum, type UploadChecksum } from '../upload-checksum.ts';
import { UploadRecords } from './upload-records.ts';

type WriteArguments = Parameters<FileStore['write']>;

/** Free space is looked at again each time so many bytes have come. */
const SPACE_CHECK_BYTES = 16 * 1024 * 1024;
const NO_SPACE = { status_code: 507, body: 'There is no space left for the file.\n' } as const;

export interface FileResumableStoreOptions {
  readonly exchange: Pick<FileSystemExchange, 'adopt'>;
  /** On the exchange's volume; made when missing. */
  readonly folder: string;
  /** From the creation of an upload to its removal; 24 hours by default. */
  readonly expirationMs?: number;
  /** Bytes that uploads leave free for whatever else lives on the volume; 64 MiB by default. */
  readonly reserveBytes?: number;
}

/**
 * tus's own file store, with what it lacks: checksums, a finished upload that is still known (a client whose last answer was lost asks for
 * its offset) though its bytes have gone to the exchange, records that survive a crash, and a sweep that survives a damaged one.
 *
 *     <id>        the bytes so far
 *     <id>.json   the record
 *     <uuid>      bytes whose checksum is not known to be right
 */
export class FileResumableStore extends FileStore implements ResumableStore {
  readonly idPrefix = '';
  readonly #records: UploadRecords;
  readonly #exchange: FileResumableStoreOptions['exchange'];
  readonly #folder: string;
  readonly #reserveBytes: number;

  private constructor({
    exchange,
    folder,
    expirationMs = DAY_MS,
    reserveBytes = 64 * 1024 * 1024,
  }: FileResumableStoreOptions) {
    const records = new UploadRecords(folder);
    super({ directory: folder, configstore: records, expirationPeriodInMilliseconds: expirationMs });
    this.#exchange = exchange;
    this.#folder = folder;
    this.#reserveBytes = reserveBytes;
    this.#records = records;
    this.extensions = [...this.extensions, 'checksum'];
  }

  static async open(options: FileResumableStoreOptions): Promise<FileResumableStore> {
    await makeFolders(options.folder);
    return new FileResumableStore(options);
  }

  async adopt(id: string, filename: string): Promise<void> {
    await this.#exchange.adopt(filename, this.#pathOf(id));
  }

  async isInterrupted(id: string): Promise<boolean> {
    const record = await this.#records.read(id);
    if (record === undefined || record.finished) return false;
    const { offset, size } = await this.getUpload(id);
    return offset === size;
  }

  override async getUpload(id: string): Promise<Upload> {
    const record = await this.#records.read(id);
    if (record?.finished !== true) return await super.getUpload(id);
    const { size, metadata, creation_date } = record;
    return new Upload({ id, size: size ?? 0, offset: size ?? 0, metadata, creation_date });
  }

  /**
   * Bytes whose checksum is wrong, or whose end never came, are dropped. They wait in a file of their own until then: cut off from the
   * upload's, they would take with them what another instance has written behind them.
   */
  override async write(...[readable, id, offset]: WriteArguments): Promise<number> {
    const checksum = expectedChecksum();
    const watch = this.#watch(readable, checksum);
    const waiting = `${this.#folder}/${randomUUID()}`;
    try {
      if (checksum === undefined) return await super.write(watch.stream as WriteArguments[0], id, offset);
      await pipeline(watch.stream, createWriteStream(waiting, { flags: 'wx' }));
      if (!checksum.hash.digest().equals(checksum.expected)) throw CHECKSUM_MISMATCH;
      return await super.write(createReadStream(waiting), id, offset);
    } catch (error) {
      throw watch.failure() ?? ((await this.#isFull()) ? NO_SPACE : error);
    } finally {
      if (checksum !== undefined) await rm(waiting, { force: true });
    }
  }

  /** Sees every chunk on its way to the disk. tus's own store tells of any failure only that there was one. */
  #watch(readable: WriteArguments[0], checksum: UploadChecksum | undefined) {
    let unchecked = 0;
    let failure: unknown;
    const isFull = (): Promise<boolean> => this.#isFull();
    const stream = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        checksum?.hash.update(chunk);
        unchecked += chunk.length;
        if (unchecked < SPACE_CHECK_BYTES) return done(null, chunk);
        unchecked = 0;
        isFull().then((full) => {
          if (full) failure = NO_SPACE;
          done(full ? new Error(NO_SPACE.body) : null, chunk);
        }, done);
      },
    });
    readable.once('error', (error) => stream.destroy(error));
    readable.pipe(stream);
    return { stream, failure: () => failure };
  }

  #pathOf(id: string): string {
    return `${this.#folder}/${id}`;
  }

  async #isFull(): Promise<boolean> {
    const { bavail, bsize } = await statfs(this.#folder);
    return bavail * bsize < this.#reserveBytes;
  }

  /** The exchange has a link to the bytes: this one goes, the record stays. */
  async markFinished(id: string): Promise<void> {
    const record = await this.#records.read(id);
    if (record !== undefined) await this.#records.write({ ...record, finished: true });
    await ifPresent(unlink(this.#pathOf(id)));
  }

  async discard(id: string): Promise<void> {
    await this.#records.delete(id);
    await ifPresent(unlink(this.#pathOf(id)));
  }

  /** Removes uploads, finished or not, and stray files that are older than the expiration; returns how many. */
  override async deleteExpired(): Promise<number> {
    const oldest = Date.now() - this.getExpiration();
    let removed = 0;
    for (const name of await readdir(this.#folder)) {
      const id = name.replace(/\.json$/, '');
      const created = (await this.#records.read(id))?.creation_date;
      const bornMs =
        created === undefined
          ? (await ifPresent(stat(`${this.#folder}/${name}`)))?.mtimeMs
          : Date.parse(created);
      if (bornMs === undefined || bornMs > oldest) continue;
      await this.discard(id);
      removed += 1;
    }
    return removed;
  }
}
