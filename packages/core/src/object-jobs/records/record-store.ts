import { buffer } from 'node:stream/consumers';
import type { z } from 'zod';
import { type ObjectStore, VersionConflictError } from '../../ports/object-store.ts';
import { JOBS_PREFIX } from './list-ids.ts';

/** A record as it was read, and which one that was. */
export interface Versioned<R> {
  readonly record: R;
  readonly version: string;
}

/** Attempts to change a record that others change at the same time; each that fails means that somebody else's succeeded. */
const UPDATES = 20;
const KEPT_RECORDS = 1_000;

/**
 * Records of one kind of job, an object each at `jobs/<id>`. Every change is written on condition that the record is still the one
 * that was read, so that of two who change it at once one has to look again.
 */
export class RecordStore<R extends { readonly id: string; readonly kind: string }> {
  readonly #store: ObjectStore;
  readonly #kinds: readonly string[];
  readonly #schema: z.ZodType<R>;
  /** What was read last: a look at a record that has not changed costs one `stat`. */
  readonly #known = new Map<string, Versioned<R>>();

  constructor(store: ObjectStore, kinds: R['kind'] | readonly R['kind'][], schema: z.ZodType<R>) {
    this.#store = store;
    this.#kinds = [kinds].flat();
    this.#schema = schema;
  }

  /** Undefined when there is none of this kind. A record that cannot be read is an error, never an absence. */
  async read(id: string): Promise<Versioned<R> | undefined> {
    const known = this.#known.get(id);
    if (known !== undefined) {
      const info = await this.#store.stat(JOBS_PREFIX + id);
      if (info?.version === known.version) return known;
      this.#known.delete(id);
      if (info === undefined) return undefined;
    }
    const object = await this.#store.get(JOBS_PREFIX + id);
    if (object === undefined) return undefined;
    const value: unknown = JSON.parse(String(await buffer(object.body)));
    if (!this.#kinds.includes(kindOf(value))) return undefined;
    return this.#keep({ record: this.#schema.parse(value), version: object.version });
  }

  async create(record: R): Promise<Versioned<R>> {
    return this.#write(record, null);
  }

  /** Rejects with a `VersionConflictError` when somebody else has changed it since it was read. */
  async replace(current: Versioned<R>, record: R): Promise<Versioned<R>> {
    return this.#write(record, current.version);
  }

  /**
   * Changes the record by `change`, which may be called several times; undefined from it leaves the record as it is. Returns the
   * record as it is then and whether it was changed, or undefined when there is none.
   */
  async update(
    id: string,
    change: (record: R) => R | undefined,
  ): Promise<{ readonly record: R; readonly isChanged: boolean } | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      const current = await this.read(id);
      if (current === undefined) return undefined;
      const changed = change(current.record);
      if (changed === undefined) return { record: current.record, isChanged: false };
      try {
        await this.replace(current, changed);
        return { record: changed, isChanged: true };
      } catch (error) {
        if (!(error instanceof VersionConflictError) || attempt === UPDATES) throw error;
      }
    }
  }

  async #write(record: R, ifVersion: string | null): Promise<Versioned<R>> {
    const content = Buffer.from(`${JSON.stringify(record)}\n`);
    const options = { ifVersion, contentType: 'application/json' };
    const { version } = await this.#store.put(JOBS_PREFIX + record.id, content, options);
    return { record, version };
  }

  #keep(found: Versioned<R>): Versioned<R> {
    this.#known.set(found.record.id, found);
    const oldest = this.#known.keys().next();
    if (this.#known.size > KEPT_RECORDS && oldest.done !== true) this.#known.delete(oldest.value);
    return found;
  }
}

function kindOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'kind' in value ? String(value.kind) : '';
}
