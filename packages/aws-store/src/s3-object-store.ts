import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
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
  StoreUnavailableError,
  VersionConflictError,
} from '@pi-jobs/core';
import { awsErrorName, awsStatus, callAws } from './aws-errors.ts';
import { MultipartPut } from './multipart-put.ts';
import { readParts } from './part-reader.ts';
import { conditionOf, isConflict } from './write-conditions.ts';

/** S3 takes parts of 5 MiB to 5 GiB, 10,000 of them: objects of up to 78 GiB. */
const PART_BYTES = 8 * 1024 * 1024;
/** A body that breaks off is asked for again from where it broke, so often when nothing of it came. */
const READ_ATTEMPTS = 8;
const READ_PAUSE_MS = 100;

/**
 * Objects in a bucket. The version is the ETag. Conditional writes are S3's own (`If-None-Match`, `If-Match`). An answer that got lost
 * makes the client ask again, and the second time the condition does not hold any more because the first has taken effect: so a
 * refused write whose content is there all the same has succeeded.
 */
export class S3ObjectStore implements ObjectStore {
  readonly #s3: S3Client;
  readonly #bucket: string;

  constructor(s3: S3Client, bucket: string) {
    this.#s3 = s3;
    this.#bucket = bucket;
  }

  async put(key: string, content: ObjectContent, options: PutOptions = {}): Promise<ObjectInfo> {
    checkObjectKey(key);
    const stream = toStream(content);
    let multipart: MultipartPut | undefined;
    let size = 0;
    let isComplete = false;
    const parts: CompletedPart[] = [];
    try {
      for await (const { bytes, isLast } of readParts(stream, PART_BYTES)) {
        options.signal?.throwIfAborted();
        if (isLast && multipart === undefined) return await this.#putWhole(key, bytes, options);
        multipart ??= await MultipartPut.begin(this.#s3, this.#bucket, key, options);
        size += bytes.length;
        parts.push(await multipart.putPart(parts.length + 1, bytes));
      }
      isComplete = (await multipart?.complete(parts)) === true;
    } catch (error) {
      await multipart?.abort();
      throw isConflict(error) ? new VersionConflictError(key, { cause: error }) : error;
    }
    const info = await this.stat(key);
    if (info === undefined || (!isComplete && info.size !== size)) {
      throw new StoreUnavailableError(`${key} could not be put together of its parts`);
    }
    return info;
  }

  async stat(key: string): Promise<ObjectInfo | undefined> {
    const input = { Bucket: this.#bucket, Key: checkObjectKey(key) };
    const found = await orMissing(
      callAws('HeadObject', () => this.#s3.send(new HeadObjectCommand(input)), isMissing),
    );
    if (found === undefined) return undefined;
    return infoOf(key, found.ContentLength, found.ETag, found.LastModified);
  }

  async get(key: string, options: GetOptions = {}): Promise<StoredObject | undefined> {
    checkObjectKey(key);
    const { start = 0, end = Number.POSITIVE_INFINITY, signal } = options;
    if (start >= end) return this.#getNothing(key);
    try {
      const ask = () => this.#ask({ key, start, end }, signal);
      const answer = await orMissing(callAws('GetObject', ask, isMissingOrBeyond));
      if (answer === undefined) return undefined;
      const size = sizeOf(answer);
      const info = infoOf(key, size, answer.ETag, answer.LastModified);
      const first = answer.Body as unknown as Readable;
      const span = { key, start, end: Math.min(end, size), version: info.version };
      return { ...info, body: this.#read(span, first, signal), discard: async () => void first.destroy() };
    } catch (error) {
      if (awsStatus(error) === 416) return this.#getNothing(key);
      throw error;
    }
  }

  async copyTo(key: string, path: string, options: { readonly signal?: AbortSignal } = {}): Promise<boolean> {
    const object = await this.get(key, options);
    if (object === undefined) return false;
    await writeFile(path, object.body, { flag: 'wx' });
    return true;
  }

  async delete(key: string): Promise<void> {
    const input = { Bucket: this.#bucket, Key: checkObjectKey(key) };
    await callAws('DeleteObject', () => this.#s3.send(new DeleteObjectCommand(input)));
  }

  async list(prefix: string, { after, limit = 1000 }: ListOptions = {}): Promise<ObjectPage> {
    const input = {
      Bucket: this.#bucket,
      Prefix: checkObjectPrefix(prefix),
      MaxKeys: limit,
      ...(after === undefined ? {} : { StartAfter: after }),
    };
    const page = await callAws('ListObjectsV2', () => this.#s3.send(new ListObjectsV2Command(input)));
    const objects = (page.Contents ?? []).flatMap(({ Key, Size, ETag, LastModified }) =>
      Key === undefined ? [] : [infoOf(Key, Size, ETag, LastModified)],
    );
    return { objects, hasMore: page.IsTruncated === true };
  }

  /**
   * Gives up the parts of puts to keys of this prefix that were begun before `before` and never ended, because their process was killed: nobody sees
   * them, and they cost room. Returns how many. A lifecycle rule of the bucket does the same for all its keys.
   */
  async abandonUploads(prefix: string, before: Date): Promise<number> {
    let abandoned = 0;
    for (
      let from: { KeyMarker?: string; UploadIdMarker?: string | undefined } | undefined = {};
      from !== undefined;
    ) {
      const input = { Bucket: this.#bucket, Prefix: checkObjectPrefix(prefix), ...from };
      const page: ListMultipartUploadsCommandOutput = await callAws('ListMultipartUploads', () =>
        this.#s3.send(new ListMultipartUploadsCommand(input)),
      );
      for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
        if (Initiated === undefined || Initiated >= before) continue;
        const upload = { Bucket: this.#bucket, Key, UploadId };
        await callAws('AbortMultipartUpload', () => this.#s3.send(new AbortMultipartUploadCommand(upload)));
        abandoned += 1;
      }
      const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page;
      from = page.IsTruncated === true && KeyMarker !== undefined ? { KeyMarker, UploadIdMarker } : undefined;
    }
    return abandoned;
  }

  async #putWhole(key: string, bytes: Buffer, options: PutOptions): Promise<ObjectInfo> {
    const input = {
      Bucket: this.#bucket,
      Key: key,
      Body: bytes,
      ...conditionOf(options),
      ...(options.contentType === undefined ? {} : { ContentType: options.contentType }),
    };
    const send = () => this.#s3.send(new PutObjectCommand(input), abortOf(options.signal));
    try {
      const { ETag } = await callAws('PutObject', send, isConflict);
      return infoOf(key, bytes.length, ETag, new Date());
    } catch (error) {
      if (!isConflict(error)) throw error;
      const info = await this.#findOwn(key, bytes);
      if (info === undefined) throw error;
      return info;
    }
  }

  /** The object when its content is `bytes`. */
  async #findOwn(key: string, bytes: Buffer): Promise<ObjectInfo | undefined> {
    const object = await this.get(key);
    if (object === undefined) return undefined;
    if (object.size !== bytes.length) {
      await object.discard();
      return undefined;
    }
    const there: Uint8Array[] = [];
    for await (const chunk of object.body) there.push(chunk);
    return Buffer.concat(there).equals(bytes) ? object : undefined;
  }

  async #getNothing(key: string): Promise<StoredObject | undefined> {
    const info = await this.stat(key);
    return info && { ...info, body: Readable.from([]), discard: async () => undefined };
  }

  /** The bytes of a span, all of one version: where the connection breaks it goes on with the rest of the same. */
  async *#read(
    span: Span & { readonly version: string },
    first: Readable,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array> {
    let { start } = span;
    let body = first;
    for (let attempt = 1; ; attempt += 1) {
      try {
        for await (const chunk of body) {
          start += chunk.length;
          attempt = 1;
          yield chunk;
        }
        if (start >= span.end) return;
        throw new Error('the body ended early');
      } catch (error) {
        signal?.throwIfAborted();
        if (attempt === READ_ATTEMPTS) {
          throw new StoreUnavailableError(`reading ${span.key} failed`, { cause: error });
        }
      } finally {
        body.destroy();
      }
      await delay(READ_PAUSE_MS * attempt);
      const rest = await callAws('GetObject', () => this.#ask({ ...span, start }, signal));
      body = rest.Body as unknown as Readable;
    }
  }

  #ask({ key, start, end, version }: Span, signal: AbortSignal | undefined) {
    const input = {
      Bucket: this.#bucket,
      Key: key,
      ...(start === 0 && end === Number.POSITIVE_INFINITY ? {} : { Range: rangeOf(start, end) }),
      ...(version === undefined ? {} : { IfMatch: version }),
    };
    return this.#s3.send(new GetObjectCommand(input), abortOf(signal));
  }
}

/** Bytes `start` up to, not including, `end` of an object. */
interface Span {
  readonly key: string;
  readonly start: number;
  readonly end: number;
  readonly version?: string;
}

function rangeOf(start: number, end: number): string {
  return end === Number.POSITIVE_INFINITY ? `bytes=${start}-` : `bytes=${start}-${end - 1}`;
}

/** Of the whole object, whatever part of it comes. */
function sizeOf({ ContentRange, ContentLength }: GetObjectCommandOutput): number {
  return Number(ContentRange?.split('/').at(-1) ?? ContentLength ?? 0);
}

function isMissingOrBeyond(error: unknown): boolean {
  return isMissing(error) || awsStatus(error) === 416;
}

async function* toStream(content: ObjectContent): AsyncGenerator<Uint8Array> {
  if (content instanceof Uint8Array) yield content;
  else yield* 'filePath' in content ? createReadStream(content.filePath) : content;
}

function abortOf(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

function infoOf(
  key: string,
  size: number | undefined,
  etag: string | undefined,
  modifiedAt: Date | undefined,
): ObjectInfo {
  return { key, size: size ?? 0, version: etag ?? '', modifiedAt: modifiedAt ?? new Date(0) };
}

function isMissing(error: unknown): boolean {
  return awsStatus(error) === 404 && awsErrorName(error) !== 'NoSuchBucket';
}

async function orMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
