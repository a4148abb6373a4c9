import type { ObjectStore } from '@pi-jobs/core';
import { z } from 'zod';
import type { StoredFile } from '../file-exchange.ts';
import { keyOfName } from './name-key.ts';

const entrySchema = z.object({
  filename: z.string(),
  /** Key of the object with the bytes; no other entry ever names it. */
  content: z.string(),
  /** Bytes. */
  size: z.int().min(0),
  stored_at: z.iso.datetime(),
});

/** What stands under a file's name: which object has its bytes. It is written once and never changed. */
export type FileEntry = z.output<typeof entrySchema>;

export function describeEntry({ filename, content, size, stored_at }: FileEntry): StoredFile {
  const tag = content.slice(content.lastIndexOf('/') + 1);
  return { filename, size, etag: `"${tag}"`, modifiedAt: new Date(stored_at) };
}

/** Undefined when no file has the name. */
export async function readEntry(store: ObjectStore, filename: string): Promise<FileEntry | undefined> {
  return await readEntryAt(store, keyOfName(filename));
}

export async function readEntryAt(store: ObjectStore, key: string): Promise<FileEntry | undefined> {
  const text = await readText(store, key);
  return text === undefined ? undefined : entrySchema.parse(JSON.parse(text));
}

/** Rejects with a `VersionConflictError` when the name is another file's. */
export async function writeEntry(store: ObjectStore, entry: FileEntry): Promise<void> {
  await store.put(keyOfName(entry.filename), Buffer.from(JSON.stringify(entry)), {
    ifVersion: null,
    contentType: 'application/json',
  });
}

export async function readText(store: ObjectStore, key: string): Promise<string | undefined> {
  const object = await store.get(key);
  if (object === undefined) return undefined;
  return Buffer.concat(await Array.fromAsync(object.body)).toString('utf8');
}
