import { type ObjectInfo, type ObjectStore, VersionConflictError } from '../../ports/object-store.ts';

/** A value as it was read, and which version of it that was. */
export interface Versioned<T> {
  readonly record: T;
  readonly version: string;
}

/** Attempts to change a value that others change at the same time; each that fails means that somebody else's succeeded. */
const UPDATES = 20;
const KEPT = 1_000;

/**
 * JSON objects under one prefix. Every change is written on condition that the object is still the one that was read, so that of two who
 * change it at once one has to look again.
 */
export class VersionedObjects<T> {
  readonly #store: ObjectStore;
  readonly #prefix: string;
  readonly #parse: (value: unknown) => T | undefined;
  /** What was read or written last, oldest first: a look at an object that has not changed costs one `stat`. */
  readonly #known = new Map<string, Versioned<T>>();

  /** `parse` throws for what cannot be read, and returns undefined for what is somebody else's. */
  constructor(store: ObjectStore, prefix: string, parse: (value: unknown) => T | undefined) {
    this.#store = store;
    this.#prefix = prefix;
    this.#parse = parse;
  }

  /** Undefined when there is none. One that cannot be read is an error, never an absence. */
  async read(id: string): Promise<Versioned<T> | undefined> {
    const known = this.#known.get(id);
    if (known !== undefined) {
      const info = await this.#store.stat(this.#prefix + id);
      if (info?.version === known.version) return this.#keep(id, known);
      this.#known.delete(id);
      if (info === undefined) return undefined;
    }
    return this.#load(id);
  }

  /** All of them; only those that have changed since they were read last are read. */
  async readAll(): Promise<{ readonly id: string; readonly info: ObjectInfo; readonly record: T }[]> {
    const all: { id: string; info: ObjectInfo; record: T }[] = [];
    for (let after: string | undefined, hasMore = true; hasMore; ) {
      const page = await this.#store.list(this.#prefix, after === undefined ? {} : { after });
      for (const info of page.objects) {
        const id = info.key.slice(this.#prefix.length);
        const known = this.#known.get(id);
        const found = known?.version === info.version ? known : await this.#load(id);
        if (found !== undefined) all.push({ id, info, record: found.record });
      }
      after = page.objects.at(-1)?.key;
      hasMore = page.hasMore && after !== undefined;
    }
    return all;
  }

  /** On condition that it has this version now, or that there is none when it is null: else rejects with a `VersionConflictError`. */
  async write(id: string, record: T, ifVersion: string | null): Promise<Versioned<T>> {
    const content = Buffer.from(`${JSON.stringify(record)}\n`);
    const options = { ifVersion, contentType: 'application/json' };
    const { version } = await this.#store.put(this.#prefix + id, content, options);
    return this.#keep(id, { record, version });
  }

  /**
   * Changes the object by `change`, which may be called several times; undefined from it leaves the object as it is. Returns what it is
   * then and whether it was changed, or undefined when there is none.
   */
  async update(
    id: string,
    change: (record: T) => T | undefined,
  ): Promise<{ readonly record: T; readonly isChanged: boolean } | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      const current = await this.read(id);
      if (current === undefined) return undefined;
      const changed = change(current.record);
      if (changed === undefined) return { record: current.record, isChanged: false };
      try {
        await this.write(id, changed, current.version);
        return { record: changed, isChanged: true };
      } catch (error) {
        if (!(error instanceof VersionConflictError) || attempt === UPDATES) throw error;
      }
    }
  }

  async delete(id: string): Promise<void> {
    this.#known.delete(id);
    await this.#store.delete(this.#prefix + id);
  }

  async #load(id: string): Promise<Versioned<T> | undefined> {
    const object = await this.#store.get(this.#prefix + id);
    if (object === undefined) return undefined;
    const record = this.#parse(JSON.parse(String(Buffer.concat(await Array.fromAsync(object.body)))));
    return record === undefined ? undefined : this.#keep(id, { record, version: object.version });
  }

  /** As the last used: the one that was not used for longest makes room. */
  #keep(id: string, found: Versioned<T>): Versioned<T> {
    this.#known.delete(id);
    this.#known.set(id, found);
    const oldest = this.#known.keys().next();
    if (this.#known.size > KEPT && oldest.done !== true) this.#known.delete(oldest.value);
    return found;
  }
}
