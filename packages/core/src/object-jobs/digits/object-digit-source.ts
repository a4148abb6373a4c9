import type { JobId } from '../../job/job.ts';
import type { DigitSource, Digits } from '../../ports/digit-source.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { type DigitRecord, digitRecordSchema } from '../records/digit-record.ts';
import { isJobUuid } from '../records/list-ids.ts';
import { RecordStore } from '../records/record-store.ts';
import { certainOf, listParts, readParts } from './digit-parts.ts';
import { readLongest } from './longest-result-object.ts';

/** Results in an object store. */
export class ObjectDigitSource implements DigitSource {
  readonly #store: ObjectStore;
  readonly #records: RecordStore<DigitRecord>;

  constructor(store: ObjectStore) {
    this.#store = store;
    this.#records = new RecordStore(store, 'digits', digitRecordSchema);
  }

  async open(id: JobId): Promise<Digits | undefined> {
    const record = isJobUuid(id) ? (await this.#records.read(id))?.record : undefined;
    return record === undefined ? undefined : this.#digitsOf(record);
  }

  async longest(): Promise<Digits | undefined> {
    const longest = await readLongest(this.#store);
    return longest === undefined ? undefined : this.open(longest.id);
  }

  async #digitsOf({ id, num, state }: DigitRecord): Promise<Digits> {
    const store = this.#store;
    const parts = await listParts(store, id);
    const certain = Math.min(num, certainOf(parts));
    const complete = state === 'completed';
    return {
      num,
      certain,
      complete,
      version: `${id.replaceAll('-', '')}-${certain.toString(36)}-${complete ? 'c' : 'p'}`,
      read: (start, count, signal) => readParts(store, parts, start, count, signal),
      async *readText(signal) {
        if (certain === 0) return;
        yield* readParts(store, parts, 0, 1, signal);
        if (certain === 1) return;
        yield Buffer.from('.');
        yield* readParts(store, parts, 1, certain - 1, signal);
      },
    };
  }
}
