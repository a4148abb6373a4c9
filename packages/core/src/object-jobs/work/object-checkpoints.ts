import type { CheckpointStore } from '../../engine/digit-engine.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { deletePrefix } from '../records/delete-prefix.ts';

/** The checkpoints of one job, an object each at `checkpoints/<id>/<name>`. Objects are whole or absent, so none is ever damaged. */
export class ObjectCheckpoints implements CheckpointStore {
  readonly #store: ObjectStore;
  readonly #prefix: string;

  constructor(store: ObjectStore, jobId: string) {
    this.#store = store;
    this.#prefix = `checkpoints/${jobId}/`;
  }

  async list(): Promise<readonly string[]> {
    const { objects } = await this.#store.list(this.#prefix);
    return objects.map(({ key }) => key.slice(this.#prefix.length));
  }

  async read(name: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    return (await this.#store.get(this.#prefix + name))?.body;
  }

  async write(
    name: string,
    chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<void> {
    signal?.throwIfAborted();
    await this.#store.put(this.#prefix + name, toAsync(chunks), signal && { signal });
  }

  async delete(name: string): Promise<void> {
    await this.#store.delete(this.#prefix + name);
  }

  async clear(): Promise<void> {
    await deletePrefix(this.#store, this.#prefix);
  }
}

async function* toAsync(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
