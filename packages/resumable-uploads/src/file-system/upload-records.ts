import { readdir, readFile, unlink } from 'node:fs/promises';
import { ifPresent, replaceFile } from '@pi-jobs/core';
import { Upload } from '@tus/server';
import { z } from 'zod';

const SUFFIX = '.json';

const recordSchema = z.object({
  id: z.string(),
  /** Null while the client has not said how long the file is. */
  size: z.int().min(0).nullable(),
  metadata: z.record(z.string(), z.string().nullable()),
  creation_date: z.iso.datetime(),
  /** All bytes came and the file is in the exchange. */
  finished: z.boolean(),
});

export type UploadRecord = z.output<typeof recordSchema>;

/**
 * What is known of each resumable upload, one small file beside its bytes. Written in one step, so a crash leaves the old record or the new
 * one; a record that does not parse counts as absent.
 */
export class UploadRecords {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async get(id: string): Promise<Upload | undefined> {
    const record = await this.read(id);
    if (record === undefined) return undefined;
    const { size, metadata, creation_date } = record;
    return new Upload({ id, offset: 0, metadata, creation_date, ...(size === null ? {} : { size }) });
  }

  async set(id: string, upload: Upload): Promise<void> {
    const known = await this.read(id);
    await this.write({
      id,
      size: upload.size ?? null,
      metadata: upload.metadata ?? {},
      creation_date: upload.creation_date ?? new Date().toISOString(),
      finished: known?.finished ?? false,
    });
  }

  async delete(id: string): Promise<void> {
    await ifPresent(unlink(this.#path(id)));
  }

  async list(): Promise<string[]> {
    const names = await readdir(this.#folder);
    return names.filter((name) => name.endsWith(SUFFIX)).map((name) => name.slice(0, -SUFFIX.length));
  }

  async read(id: string): Promise<UploadRecord | undefined> {
    const text = await ifPresent(readFile(this.#path(id), 'utf8'));
    if (text === undefined) return undefined;
    try {
      return recordSchema.parse(JSON.parse(text));
    } catch {
      return undefined;
    }
  }

  async write(record: UploadRecord): Promise<void> {
    await replaceFile(this.#path(record.id), JSON.stringify(record), {
      temporaryFolder: this.#folder,
      durable: true,
    });
  }

  #path(id: string): string {
    return `${this.#folder}/${id}${SUFFIX}`;
  }
}
