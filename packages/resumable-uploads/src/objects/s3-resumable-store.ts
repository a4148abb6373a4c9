import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ObjectStore } from '@pi-jobs/core';
import { CONTENTS, type ObjectFileExchange } from '@pi-jobs/file-exchange';
import { type MetadataValue, type Options, S3Store } from '@tus/s3-store';
import { ERRORS } from '@tus/server';
import { DAY_MS, type ResumableStore } from '../resumable-store.ts';
import { CHECKSUM_MISMATCH, expectedChecksum } from '../upload-checksum.ts';

type WriteArguments = Parameters<S3Store['write']>;

export interface S3ResumableStoreOptions {
  readonly exchange: Pick<ObjectFileExchange, 'adopt' | 'holds'>;
  /** The bucket that `s3` names. */
  readonly objects: ObjectStore;
  readonly s3: Options['s3ClientConfig'];
  /** From the creation of an upload to its removal; 24 hours by default. */
  readonly expirationMs?: number;
}

const RECORDS = 'resumable/';
/** Parts of one process that are on their way to S3 at once; each is a temporary file until it is there. */
const PARTS_AT_ONCE = 4;

/**
 * tus's own S3 store, with what it lacks: checksums, finished uploads whose bytes have become the exchange's, and the removal of
 * everything else when it expires. Any process can go on with an upload that another one began: none remembers anything of it.
 *
 *     file-contents/<id>         the bytes: a multipart upload, and an object when it is complete
 *     resumable/<id>.info        what is known of it, and the id of the multipart upload
 *     resumable/<id>.part        bytes at the end that are too few to be a part
 *     resumable/<id>.finished    the file is in the exchange, whose the bytes are from then on
 */
export class S3ResumableStore extends S3Store implements ResumableStore {
  readonly idPrefix = CONTENTS;
  readonly #options: S3ResumableStoreOptions;

  constructor(options: S3ResumableStoreOptions) {
    super({
      s3ClientConfig: options.s3,
      expirationPeriodInMilliseconds: options.expirationMs ?? DAY_MS,
      maxConcurrentPartUploads: PARTS_AT_ONCE,
      useTags: false,
      cache: { get: async () => undefined, set: async () => undefined, delete: async () => undefined },
    });
    this.#options = options;
    this.extensions = [...this.extensions, 'checksum'];
  }

  async adopt(id: string, filename: string): Promise<void> {
    if ((await this.#options.objects.stat(id)) === undefined) await this.#completeEmpty(id);
    await this.#options.exchange.adopt(filename, id);
  }

  async isInterrupted(id: string): Promise<boolean> {
    const { objects } = this.#options;
    if ((await objects.stat(this.infoKey(id))) === undefined) return false;
    if ((await objects.stat(recordKey(id, 'finished'))) !== undefined) return false;
    const { offset, size } = await this.getUpload(id);
    return offset === size;
  }

  async markFinished(id: string): Promise<void> {
    await this.#options.objects.put(recordKey(id, 'finished'), Buffer.alloc(0));
  }

  /** The record goes last, so that whoever is interrupted can start over. Bytes that are the exchange's stay. */
  async discard(id: string): Promise<void> {
    const { objects, exchange } = this.#options;
    const metadata = await this.#metadataOf(id);
    if (metadata !== undefined) {
      await this.#abortMultipart(id, metadata);
      const filename = metadata.file.metadata?.['filename'];
      if (!filename || !(await exchange.holds(filename, id))) await objects.delete(id);
    }
    for (const kind of ['part', 'finished', 'info']) await objects.delete(recordKey(id, kind));
  }

  override async remove(id: string): Promise<void> {
    if ((await this.#metadataOf(id)) === undefined) throw ERRORS.FILE_NOT_FOUND;
    await this.discard(id);
  }

  /**
   * Keeps what came before a line broke. What has a checksum waits in a temporary file until that is known to be right, because parts
   * cannot be taken back.
   */
  override async write(...[readable, id, offset]: WriteArguments): Promise<number> {
    const checksum = expectedChecksum();
    if (checksum === undefined) return await super.write(Readable.from(untilBroken(readable)), id, offset);
    const path = join(tmpdir(), `pi-jobs-${randomUUID()}`);
    try {
      const hashed = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
        for await (const chunk of chunks) {
          checksum.hash.update(chunk);
          yield chunk;
        }
      };
      await pipeline(readable, hashed, createWriteStream(path));
      if (!checksum.hash.digest().equals(checksum.expected)) throw CHECKSUM_MISMATCH;
      return await super.write(createReadStream(path), id, offset);
    } finally {
      await rm(path, { force: true });
    }
  }

  /** Removes uploads, finished or not, and stray records that are older than the expiration; returns how many. */
  override async deleteExpired(): Promise<number> {
    const { objects } = this.#options;
    const oldest = new Date(Date.now() - this.getExpiration());
    let removed = 0;
    for (let after: string | undefined; ; ) {
      const page = await objects.list(RECORDS, after === undefined ? {} : { after });
      for (const { key, modifiedAt } of page.objects) {
        if (modifiedAt < oldest && (await this.#isExpired(idOfRecord(key), oldest))) {
          await this.discard(idOfRecord(key));
          removed += 1;
        }
      }
      after = page.objects.at(-1)?.key;
      if (!page.hasMore || after === undefined) return removed;
    }
  }

  close(): void {
    this.client.destroy();
  }

  protected override infoKey(id: string): string {
    return recordKey(id, 'info');
  }

  protected override partKey(id: string, isIncomplete = false): string {
    return isIncomplete ? recordKey(id, 'part') : id;
  }

  /** A store's times have whole seconds; the record knows better. One without a record is a stray of a removal that broke off. */
  async #isExpired(id: string, oldest: Date): Promise<boolean> {
    const created = (await this.#metadataOf(id))?.file.creation_date;
    return created === undefined || new Date(created) < oldest;
  }

  async #metadataOf(id: string): Promise<MetadataValue | undefined> {
    if ((await this.#options.objects.stat(this.infoKey(id))) === undefined) return undefined;
    return await this.getMetadata(id);
  }

  /** Of an upload of no bytes nothing was ever written. */
  async #completeEmpty(id: string): Promise<void> {
    const metadata = await this.getMetadata(id);
    if (metadata.file.size === 0) await this.finishMultipartUpload(metadata, []);
  }

  async #abortMultipart(id: string, metadata: MetadataValue): Promise<void> {
    const upload = { Bucket: this.bucket, Key: id, UploadId: metadata['upload-id'] };
    await this.client.abortMultipartUpload(upload).catch((error: unknown) => {
      if (!(error instanceof Error) || error.name !== 'NoSuchUpload') throw error;
    });
  }
}

/** tus hears of the failure all the same. */
async function* untilBroken(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* chunks;
  } catch {
    return;
  }
}

function recordKey(id: string, kind: string): string {
  return `${RECORDS}${id.slice(CONTENTS.length)}.${kind}`;
}

function idOfRecord(key: string): string {
  return CONTENTS + key.slice(RECORDS.length).replace(/\.[^.]*$/, '');
}
