import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { type LocalFile, sweepFolder } from '@pi-jobs/core';
import type { UploadSink } from '@pi-jobs/http-files';
import {
  acceptedType,
  DEFAULT_IMAGE_LIMITS,
  type ImageIdentity,
  identifyChunks,
  identifyImage,
  SNIFF_BYTES,
} from '@pi-jobs/image-engine';

/** No upload takes this long; what is older was left by a killed process. */
const STRAY_MS = 24 * 3600 * 1000;
/** What is larger goes to a file: most photographs never touch the disk before they are known to be images. */
const MEMORY_BYTES = 1024 * 1024;
/** Who sends byte by byte makes pieces that take more memory than their bytes; the first bytes are looked at before there are so many. */
const MOST_PIECES = 4 * SNIFF_BYTES;

/**
 * An upload on its way in, kept aside until it is known to be an image: a store of objects cannot take back what it has, and what an
 * image is stands in several places of it. What is no image is refused as soon as its first bytes are there.
 */
export class StagedImage implements UploadSink {
  readonly #path: string;
  readonly #folder: string;
  /** What is not in the file. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #file: FileHandle | undefined;
  #isSniffed = false;
  #isOpen = true;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#path = `${folder}/${randomUUID()}`;
  }

  static async create(folder: string): Promise<StagedImage> {
    return new StagedImage(folder);
  }

  /** Rejects with an `ImageError` when the first bytes belong to no accepted image. */
  async write(chunk: Uint8Array): Promise<void> {
    if (!this.#isOpen) throw new Error('the upload was given up');
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (!this.#isSniffed && this.#heldBytes >= SNIFF_BYTES) {
      this.#isSniffed = true;
      acceptedType(Buffer.concat(this.#held).subarray(0, SNIFF_BYTES));
    }
    if (this.#heldBytes > MEMORY_BYTES || this.#held.length > MOST_PIECES) await this.#spill();
  }

  /** What the image is; rejects with an `ImageError`. To be asked when all has been written. */
  async identify(maxBytes: number): Promise<ImageIdentity> {
    const limits = { ...DEFAULT_IMAGE_LIMITS, maxInputBytes: maxBytes };
    if (this.#file === undefined) return identifyChunks(this.#held, limits);
    await this.#spill();
    return identifyImage(this.#path, limits);
  }

  /** All of it, after `identify` and before `abort`. */
  content(): AsyncIterable<Uint8Array> | LocalFile {
    return this.#file === undefined ? piecesOf(this.#held) : { filePath: this.#path };
  }

  /** In hexadecimal, after `identify`. */
  async sha256(): Promise<string> {
    const hash = createHash('sha256');
    const pieces = this.#file === undefined ? this.#held : createReadStream(this.#path);
    for await (const piece of pieces) hash.update(piece);
    return hash.digest('hex');
  }

  /** Lets go of it, as the end of every upload does. */
  async abort(): Promise<void> {
    this.#isOpen = false;
    this.#held = [];
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    await file.close();
    await rm(this.#path, { force: true });
  }

  async #spill(): Promise<void> {
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    this.#file ??= await createFile(this.#folder, this.#path);
    try {
      await this.#file.appendFile(Buffer.concat(held));
    } finally {
      // It was given up meanwhile.
      if (!this.#isOpen) await this.abort();
    }
  }

  /** Removes what killed processes left. */
  static async sweep(folder: string): Promise<void> {
    await sweepFolder(folder, STRAY_MS);
  }
}

async function* piecesOf(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

async function createFile(folder: string, path: string): Promise<FileHandle> {
  await mkdir(folder, { recursive: true });
  return open(path, 'wx');
}
