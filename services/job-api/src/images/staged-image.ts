import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { sweepFolder } from '@pi-jobs/core';
import type { UploadSink } from '@pi-jobs/http-files';
import {
  acceptedType,
  DEFAULT_IMAGE_LIMITS,
  type ImageIdentity,
  identifyImage,
  SNIFF_BYTES,
} from '@pi-jobs/image-engine';

/** No upload takes this long; what is older was left by a killed process. */
const STRAY_MS = 24 * 3600 * 1000;

/**
 * An upload on its way in, kept in a local file until it is known to be an image: a store of objects cannot take back what it has, and
 * what an image is stands in several places of it. What is no image is refused as soon as its first bytes are there.
 */
export class StagedImage implements UploadSink {
  readonly #path: string;
  readonly #file: FileHandle;
  #head: Buffer = Buffer.alloc(0);
  #isOpen = true;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  static async create(folder: string): Promise<StagedImage> {
    await mkdir(folder, { recursive: true });
    const path = `${folder}/${randomUUID()}`;
    return new StagedImage(path, await open(path, 'wx'));
  }

  /** Rejects with an `ImageError` when the first bytes belong to no accepted image. */
  async write(chunk: Uint8Array): Promise<void> {
    if (this.#head.length < SNIFF_BYTES) {
      this.#head = Buffer.concat([this.#head, chunk.subarray(0, SNIFF_BYTES - this.#head.length)]);
      if (this.#head.length === SNIFF_BYTES) acceptedType(this.#head);
    }
    await this.#file.appendFile(chunk);
  }

  /** What the image is; rejects with an `ImageError`. */
  async identify(maxBytes: number): Promise<ImageIdentity> {
    return identifyImage(this.#path, { ...DEFAULT_IMAGE_LIMITS, maxInputBytes: maxBytes });
  }

  read(): AsyncIterable<Uint8Array> {
    return createReadStream(this.#path);
  }

  /** In hexadecimal. */
  async sha256(): Promise<string> {
    const hash = createHash('sha256');
    for await (const chunk of this.read()) hash.update(chunk);
    return hash.digest('hex');
  }

  /** Removes it, as the end of every upload does. */
  async abort(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#file.close();
    await rm(this.#path, { force: true });
  }

  /** Removes what killed processes left. */
  static async sweep(folder: string): Promise<void> {
    await sweepFolder(folder, STRAY_MS);
  }
}
