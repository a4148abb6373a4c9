import { randomUUID } from 'node:crypto';
import { type ByteSpan, type ObjectStore, VersionConflictError } from '@pi-jobs/core';
import type { FileExchange, FileUpload, OpenFile, StoredFile, UploadOptions } from '../file-exchange.ts';
import { nameTaken, noRoom, notFound } from '../refusals.ts';
import { isFileName } from '../rules/check-file-name.ts';
import type { UploadRules } from '../rules/upload-rules.ts';
import { CheckedUpload } from '../upload/checked-upload.ts';
import { pump } from '../upload/pump.ts';
import { describeEntry, type FileEntry, readEntry, readEntryAt, writeEntry } from './file-entry.ts';
import { listObjects } from './list-objects.ts';
import { LooseContents } from './loose-contents.ts';
import { keyOfName, NAMES, nameOfKey } from './name-key.ts';
import { ObjectContent, type PublishOutcome } from './object-content.ts';

export interface ObjectFileExchangeOptions {
  readonly rules: UploadRules;
  readonly store: ObjectStore;
  /** Most files that the exchange holds, 100,000 by default. */
  readonly maxFiles?: number;
}

/** Of the keys of objects with files' bytes. */
export const CONTENTS = 'file-contents/';
/** What is counted by listing every name is good for so long. */
const COUNT_GOOD_FOR_MS = 30_000;

/**
 * The exchange in a store of objects, which any number of processes may share:
 *
 *     note loose-contents/<uuid> -> write file-contents/<uuid> -> write files/<name> if nothing is there
 *
 * A name is a small object that says which other one has the bytes, and is only written where there is none: so of two uploads of one
 * name exactly one wins, however large they are. A crash at any step leaves the file whole under its name or not there at all, and at
 * most bytes that nothing leads to; `sweep` removes those a day later.
 */
export class ObjectFileExchange implements FileExchange {
  readonly #store: ObjectStore;
  readonly #rules: UploadRules;
  readonly #maxFiles: number;
  readonly #loose: LooseContents;
  #counted = { at: Number.NEGATIVE_INFINITY, files: 0 };

  constructor({ rules, store, maxFiles = 100_000 }: ObjectFileExchangeOptions) {
    this.#store = store;
    this.#rules = rules;
    this.#maxFiles = maxFiles;
    this.#loose = new LooseContents(store);
  }

  async admit(filename: string, options: Pick<UploadOptions, 'declaredSize'> = {}): Promise<void> {
    this.#rules.checkAnnounced(filename, options.declaredSize);
    if ((await this.#store.stat(keyOfName(filename))) !== undefined) throw nameTaken(filename);
    await this.#requireRoom();
  }

  async beginUpload(filename: string, options: UploadOptions = {}): Promise<FileUpload> {
    options.signal?.throwIfAborted();
    await this.admit(filename, options);
    const content = CONTENTS + randomUUID();
    await this.#loose.note({ filename, content });
    const target = new ObjectContent({
      store: this.#store,
      loose: this.#loose,
      content,
      publish: (size) => this.#publish(filename, content, size),
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
   * Makes an object that is complete the bytes of a file, after the same checks as any upload, without copying it. From then on it is the
   * exchange's. Doing it again with the same object changes nothing, so whoever was interrupted may start over; a refused object
   * stays as it was.
   */
  async adopt(filename: string, content: string): Promise<StoredFile> {
    if (isFileName(filename)) {
      const entry = await readEntry(this.#store, filename);
      if (entry?.content === content) return describeEntry(entry);
    }
    const object = await this.#store.get(content);
    if (object === undefined) throw notFound(filename);
    try {
      await this.admit(filename, { declaredSize: object.size });
      await this.#inspect(filename, object.body);
    } finally {
      await object.discard();
    }
    const outcome = await this.#publish(filename, content, object.size);
    if ('stored' in outcome) return outcome.stored;
    throw 'refused' in outcome ? outcome.refused : outcome.unknown;
  }

  /** Is this object the bytes of the file of that name? */
  async holds(filename: string, content: string): Promise<boolean> {
    return isFileName(filename) && (await readEntry(this.#store, filename))?.content === content;
  }

  async list(): Promise<readonly string[]> {
    const names: string[] = [];
    for await (const { key } of listObjects(this.#store, NAMES)) {
      const name = nameOfKey(key) ?? (await readEntryAt(this.#store, key))?.filename;
      if (name !== undefined) names.push(name);
    }
    this.#counted = { at: performance.now(), files: names.length };
    return names.sort();
  }

  async stat(filename: string): Promise<StoredFile> {
    return describeEntry(await this.#entryOf(filename));
  }

  async open(filename: string): Promise<OpenFile> {
    const entry = await this.#entryOf(filename);
    const whole = { start: 0, end: entry.size };
    const close = async (): Promise<void> => undefined;
    return {
      file: describeEntry(entry),
      read: (span = whole) => this.#read(entry, span),
      close,
      [Symbol.asyncDispose]: close,
    };
  }

  async remove(filename: string): Promise<void> {
    const { content } = await this.#entryOf(filename);
    await this.#loose.note({ filename, content });
    await this.#store.delete(keyOfName(filename));
    this.#counted.files -= 1;
  }

  /** Removes bytes to which no name has led for a day. Call it from time to time, in any process. Returns how many files' bytes went. */
  async sweep(now = Date.now()): Promise<number> {
    return await this.#loose.sweep(now);
  }

  async #entryOf(filename: string): Promise<FileEntry> {
    const entry = isFileName(filename) ? await readEntry(this.#store, filename) : undefined;
    if (entry === undefined) throw notFound(filename);
    return entry;
  }

  async #publish(filename: string, content: string, size: number): Promise<PublishOutcome> {
    const entry = { filename, content, size, stored_at: new Date().toISOString() };
    try {
      await writeEntry(this.#store, entry);
      this.#counted.files += 1;
      return { stored: describeEntry(entry) };
    } catch (error) {
      if (!(error instanceof VersionConflictError)) return { unknown: error };
      return { refused: nameTaken(filename, error) };
    }
  }

  async *#read({ filename, content }: FileEntry, span: ByteSpan): AsyncGenerator<Uint8Array> {
    if (span.start >= span.end) return;
    const object = await this.#store.get(content, span);
    if (object === undefined) throw new Error(`the bytes of ${filename} are gone from the store`);
    yield* object.body;
  }

  async #inspect(filename: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    const inspector = this.#rules.inspectorFor(filename);
    for await (const chunk of bytes) {
      inspector.push(chunk);
      if (inspector.settled) break;
    }
    inspector.end();
  }

  /** A bound on growth, not a promise: uploads that run at once may pass it together. */
  async #requireRoom(): Promise<void> {
    if (performance.now() - this.#counted.at > COUNT_GOOD_FOR_MS) {
      let files = 0;
      for await (const _ of listObjects(this.#store, NAMES)) files += 1;
      this.#counted = { at: performance.now(), files };
    }
    if (this.#counted.files >= this.#maxFiles) throw noRoom(this.#maxFiles);
  }
}
