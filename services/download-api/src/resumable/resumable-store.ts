import { readdir, stat, statfs, truncate, unlink } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { ifPresent } from '@pi-jobs/core';
import { FileStore } from '@tus/file-store';
import { Upload } from '@tus/server';
import { CHECKSUM_MISMATCH, type UploadChecksum } from './upload-checksum.ts';
import { UploadRecords } from './upload-records.ts';

type WriteArguments = Parameters<FileStore['write']>;

/** Free space is looked at again each time so many bytes have come. */
const SPACE_CHECK_BYTES = 16 * 1024 * 1024;
const NO_SPACE = { status_code: 507, body: 'There is no space left for the file.\n' } as const;

export interface ResumableStoreOptions {
  /** From the creation of an upload to its removal. */
  readonly expirationMs: number;
  /** Stay free on the volume for whatever else lives there. */
  readonly reserveBytes: number;
}

/**
 * tus's own file store, with what it lacks: checksums, a finished upload that is still known (a client whose last answer was lost asks for
 * its offset) though its bytes have gone to the exchange, records that survive a crash, and a sweep that survives a damaged one.
 *
 *     <id>        the bytes so far
 *     <id>.json   the record
 */
export class ResumableStore extends FileStore {
  readonly records: UploadRecords;
  /** By upload: the checksum that its request under way announced. */
  readonly #checksums = new Map<string, UploadChecksum>();
  readonly #folder: string;
  readonly #reserveBytes: number;

  /** The folder must be there. */
  constructor(folder: string, { expirationMs, reserveBytes }: ResumableStoreOptions) {
    const records = new UploadRecords(folder);
    super({ directory: folder, configstore: records, expirationPeriodInMilliseconds: expirationMs });
    this.#folder = folder;
    this.#reserveBytes = reserveBytes;
    this.records = records;
    this.extensions = [...this.extensions, 'checksum'];
  }

  pathOf(id: string): string {
    return `${this.#folder}/${id}`;
  }

  expectChecksum(id: string, checksum: UploadChecksum | undefined): void {
    if (checksum === undefined) this.#checksums.delete(id);
    else this.#checksums.set(id, checksum);
  }

  override async getUpload(id: string): Promise<Upload> {
    const record = await this.records.read(id);
    if (record?.finished !== true) return await super.getUpload(id);
    const { size, metadata, creation_date } = record;
    return new Upload({ id, size: size ?? 0, offset: size ?? 0, metadata, creation_date });
  }

  /** Bytes whose checksum is wrong, or whose end never came, are dropped: the offset stays where it was. */
  override async write(...[readable, id, offset]: WriteArguments): Promise<number> {
    const checksum = this.#checksums.get(id);
    this.#checksums.delete(id);
    const watch = this.#watch(readable, checksum);
    try {
      const end = await super.write(watch.stream as WriteArguments[0], id, offset);
      if (checksum !== undefined && !checksum.hash.digest().equals(checksum.expected))
        throw CHECKSUM_MISMATCH;
      return end;
    } catch (error) {
      if (checksum !== undefined) await truncate(this.pathOf(id), offset);
      throw watch.failure() ?? ((await this.#isFull()) ? NO_SPACE : error);
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

  async #isFull(): Promise<boolean> {
    const { bavail, bsize } = await statfs(this.#folder);
    return bavail * bsize < this.#reserveBytes;
  }

  /** Call when the exchange has the file: the bytes go, the record stays until it expires. */
  async markFinished(id: string): Promise<void> {
    const record = await this.records.read(id);
    if (record !== undefined) await this.records.write({ ...record, finished: true });
    await ifPresent(unlink(this.pathOf(id)));
  }

  /** Forgets an upload, whatever there is of it. */
  async discard(id: string): Promise<void> {
    await this.records.delete(id);
    await ifPresent(unlink(this.pathOf(id)));
  }

  /** Removes uploads, finished or not, and stray files that are older than the expiration; returns how many. */
  override async deleteExpired(): Promise<number> {
    const oldest = Date.now() - this.getExpiration();
    let removed = 0;
    for (const name of await readdir(this.#folder)) {
      const id = name.replace(/\.json$/, '');
      const created = (await this.records.read(id))?.creation_date;
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
