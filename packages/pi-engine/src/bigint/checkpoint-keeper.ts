import type { CheckpointStore } from '@pi-jobs/core/engine';
import { type CheckpointContent, decodeCheckpoint, encodeCheckpoint } from './checkpoint-form.ts';

const prefix = 'bigint.';

/** A run's checkpoints in the store that it was given, if any. Writes go one after the other; the first that fails is remembered. */
export class CheckpointKeeper {
  readonly #store: CheckpointStore | undefined;
  readonly #present = new Set<string>();
  #tail: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(store: CheckpointStore | undefined) {
    this.#store = store;
  }

  /** Looks at what an earlier run left. */
  async open(): Promise<void> {
    for (const name of (await this.#store?.list()) ?? []) {
      if (name.startsWith(prefix)) this.#present.add(name);
    }
  }

  /** The content, or undefined when there is none that is whole. */
  async load(key: string): Promise<CheckpointContent | undefined> {
    if (!this.#present.has(prefix + key)) return undefined;
    const chunks = await this.#store?.read(prefix + key);
    return chunks === undefined ? undefined : decodeCheckpoint(chunks);
  }

  /** Writes the content, then removes the checkpoints of those keys, which it makes superfluous. Rejects when the store does. */
  save(key: string, content: CheckpointContent, superfluous: (key: string) => boolean): Promise<void> {
    return this.#inTurn(async (store) => {
      await store.write(prefix + key, this.#whileOpen(encodeCheckpoint(content)));
      this.#present.add(prefix + key);
      await this.#remove(store, (name) => name !== key && superfluous(name));
    });
  }

  /** Removes all checkpoints of this engine. */
  clear(): Promise<void> {
    return this.#inTurn((store) => this.#remove(store, () => true));
  }

  /** Ends the run's writing: a checkpoint that is not complete yet never will be, so that a successor finds nothing in motion. */
  close(): void {
    this.#closed = true;
  }

  *#whileOpen(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
    for (const chunk of chunks) {
      if (this.#closed) throw new Error('the run ended before its checkpoint was written');
      yield chunk;
    }
  }

  #inTurn(act: (store: CheckpointStore) => Promise<void>): Promise<void> {
    const store = this.#store;
    if (store === undefined) return Promise.resolve();
    this.#tail = this.#tail.then(() => (this.#closed ? undefined : act(store)));
    return this.#tail;
  }

  async #remove(store: CheckpointStore, isChosen: (key: string) => boolean): Promise<void> {
    for (const name of [...this.#present]) {
      if (!isChosen(name.slice(prefix.length))) continue;
      await store.delete(name);
      this.#present.delete(name);
    }
  }
}
