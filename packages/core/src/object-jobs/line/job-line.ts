import { type ObjectInfo, type ObjectStore, VersionConflictError } from '../../ports/object-store.ts';
import type { DigitRecord } from '../records/digit-record.ts';
import type { RecordStore } from '../records/record-store.ts';
import { timeOfId } from '../records/time-of-id.ts';

const PREFIX = 'line/';
/** Milliseconds since 1970 with as many digits, so that keys sort by time. */
const TIME_DIGITS = 14;
const PAGE = 100;
/** A message that has not come in this time was lost, or waits behind many others. */
const MESSAGE_MS = 10_000;
/** A place whose job has no record may be of one that is being made, until then. */
const NO_RECORD_MS = 60_000;

export interface Waiting {
  readonly record: DigitRecord;
  /** Orders those that wait. */
  readonly place: string;
  /** No message of it is on its way: whoever has a slot for it sends one. */
  readonly needsCall: boolean;
}

/**
 * Digit jobs that wait for a slot, an object each at `line/<time>-<id>`, in the order in which they are to begin: by when they were
 * made or resumed, which an interruption does not change. What a place is worth stands in the job's record: one whose job does not wait
 * any more, or waits at another place, is removed by whoever comes by.
 *
 * A message of a job that has to wait is taken from the queue and noted at its place; it is sent anew when there is a slot.
 */
export class JobLine {
  readonly #store: ObjectStore;
  readonly #records: Pick<RecordStore<DigitRecord>, 'readIfReadable'>;

  constructor(store: ObjectStore, records: Pick<RecordStore<DigitRecord>, 'readIfReadable'>) {
    this.#store = store;
    this.#records = records;
  }

  placeOf({ id, queuedAt, createdAt }: Pick<DigitRecord, 'id' | 'queuedAt' | 'createdAt'>): string {
    return `${String(Date.parse(queuedAt ?? createdAt)).padStart(TIME_DIGITS, '0')}-${id}`;
  }

  /** Its message is on its way. */
  async join(record: DigitRecord): Promise<void> {
    try {
      await this.#store.put(PREFIX + this.placeOf(record), Buffer.alloc(0), { ifVersion: null });
    } catch (error) {
      if (!(error instanceof VersionConflictError)) throw error;
    }
  }

  /** Its message is taken from the queue. */
  async park(record: DigitRecord): Promise<void> {
    await this.#store.put(PREFIX + this.placeOf(record), Buffer.from('parked\n'));
  }

  async leave(record: DigitRecord): Promise<void> {
    await this.#store.delete(PREFIX + this.placeOf(record));
  }

  async isEmpty(): Promise<boolean> {
    return (await this.#store.list(PREFIX, { limit: 1 })).objects.length === 0;
  }

  async isParked(record: DigitRecord): Promise<boolean> {
    return isParked(await this.#store.stat(PREFIX + this.placeOf(record)));
  }

  /** Those whose messages were taken from the queue. */
  async parkedIds(): Promise<Set<string>> {
    const ids = new Set<string>();
    for await (const { key, ...info } of this.#places(1_000)) if (isParked(info)) ids.add(idOf(key));
    return ids;
  }

  /** From the first on, as long as somebody asks; `granted` have a slot already. */
  async *waiting(granted: ReadonlySet<string>): AsyncGenerator<Waiting> {
    for await (const { key, ...info } of this.#places(PAGE)) {
      const id = idOf(key);
      if (granted.has(id)) continue;
      const place = key.slice(PREFIX.length);
      const record = (await this.#records.readIfReadable(id))?.record;
      if (record?.state === 'queued' && this.placeOf(record) === place) {
        yield { record, place, needsCall: isParked(info) || isOld(info.modifiedAt.getTime(), MESSAGE_MS) };
      } else if (record !== undefined || isOld(timeOfId(id), NO_RECORD_MS)) {
        await this.#store.delete(key);
      }
    }
  }

  async *#places(limit: number): AsyncGenerator<ObjectInfo> {
    for (let after: string | undefined, hasMore = true; hasMore; ) {
      const page = await this.#store.list(PREFIX, after === undefined ? { limit } : { limit, after });
      yield* page.objects;
      after = page.objects.at(-1)?.key;
      hasMore = page.hasMore && after !== undefined;
    }
  }
}

function isParked(info: Pick<ObjectInfo, 'size'> | undefined): boolean {
  return info !== undefined && info.size > 0;
}

function isOld(time: number, ms: number): boolean {
  return Math.abs(Date.now() - time) >= ms;
}

function idOf(key: string): string {
  return key.slice(PREFIX.length + TIME_DIGITS + 1);
}
