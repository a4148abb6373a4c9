import type { ObjectStore } from '@pi-jobs/core';
import { z } from 'zod';
import { readEntry, readText } from './file-entry.ts';
import { listObjects } from './list-objects.ts';

const LOOSE = 'loose-contents/';

const noteSchema = z.object({ filename: z.string(), content: z.string() });

/** Names the object that has, had or will have the bytes of a file of this name. */
export type LooseNote = z.output<typeof noteSchema>;

/** No upload takes so long, and no download of a file that was removed goes on for so long. */
const LOOSE_FOR_MS = 24 * 60 * 60 * 1000;

/**
 * Notes of bytes that may belong to no file: one is written before an upload's first byte and one before a file is removed. A day later
 * somebody looks: bytes to which no name leads are removed, and the note goes in any case. So whatever a process dies in, nothing
 * stays for ever; and a download that has begun gets all of its file, though that be removed meanwhile.
 */
export class LooseContents {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  async note(note: LooseNote): Promise<void> {
    await this.#store.put(keyOf(note.content), Buffer.from(JSON.stringify(note)));
  }

  /** Removes the bytes at once: nobody can have seen them. */
  async discard(content: string): Promise<void> {
    await this.#store.delete(content);
    await this.#store.delete(keyOf(content));
  }

  /** Looks at the notes that were written a day before `now` (milliseconds) or earlier. Returns how many contents were removed. */
  async sweep(now: number): Promise<number> {
    let removed = 0;
    for await (const { key, modifiedAt } of listObjects(this.#store, LOOSE)) {
      if (now - modifiedAt.getTime() < LOOSE_FOR_MS) continue;
      const text = await readText(this.#store, key);
      // Another process was faster.
      if (text === undefined) continue;
      const { filename, content } = noteSchema.parse(JSON.parse(text));
      const entry = await readEntry(this.#store, filename);
      if (entry?.content !== content) {
        await this.#store.delete(content);
        removed += 1;
      }
      await this.#store.delete(key);
    }
    return removed;
  }
}

function keyOf(content: string): string {
  return LOOSE + content.slice(content.lastIndexOf('/') + 1);
}
