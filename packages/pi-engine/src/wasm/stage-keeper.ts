import type { KeptState, PiKeeper } from '@pi-jobs/bignum';
import type { CheckpointStore } from '@pi-jobs/core/engine';
import type { CheckpointPace } from './checkpoint-pace.ts';

const chunkBytes = 1 << 20;
const formatVersion = 2;
const prefix = 'wasm.';
const newline = 0x0a;

/** What stands before the numbers, as a line of JSON. */
interface StateHeader {
  readonly version: number;
  readonly decimals: number;
  readonly figures: Readonly<Record<string, number>>;
}

/** The state of one computation in a checkpoint store, a checkpoint for each part. */
export class StageKeeper implements PiKeeper {
  readonly #store: CheckpointStore;
  readonly #decimals: number;
  readonly #pace: CheckpointPace;
  #names: Set<string> | undefined;
  #closed = false;

  constructor(store: CheckpointStore, decimals: number, pace: CheckpointPace) {
    this.#store = store;
    this.#decimals = decimals;
    this.#pace = pace;
  }

  async names(): Promise<readonly string[]> {
    this.#names ??= new Set(await keptNames(this.#store));
    return [...this.#names];
  }

  async load(name: string): Promise<KeptState | undefined> {
    const chunks = await this.#store.read(prefix + name);
    if (chunks === undefined) {
      this.#names?.delete(name);
      return undefined;
    }
    const state = await decodeState(chunks, this.#decimals);
    if (state === undefined) await this.delete(name);
    return state;
  }

  async save(
    name: string,
    figures: Readonly<Record<string, number>>,
    parts: readonly Uint8Array[],
  ): Promise<boolean> {
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    const startedAt = performance.now();
    const saved = await this.#write(name, encodeState(this.#decimals, figures, parts));
    this.#pace.wrote(bytes, (performance.now() - startedAt) / 1000);
    return saved;
  }

  /** A volume that takes no checkpoint just now may yet take the digits; if not, they say so. */
  async #write(name: string, chunks: Iterable<Uint8Array>): Promise<boolean> {
    try {
      await this.#store.write(prefix + name, this.#whileOpen(chunks));
      this.#names?.add(name);
      return true;
    } catch {
      return false;
    }
  }

  async delete(name: string): Promise<void> {
    await this.#store.delete(prefix + name);
    this.#names?.delete(name);
  }

  isDue(bytes: number): boolean {
    return this.#pace.isDue(bytes);
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
}

/** Removes what was kept, by whatever number of decimals. */
export async function forgetStages(store: CheckpointStore | undefined): Promise<void> {
  if (store === undefined) return;
  for (const name of await keptNames(store)) await store.delete(prefix + name);
}

async function keptNames(store: CheckpointStore): Promise<string[]> {
  const names = await store.list();
  return names.flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));
}

function* encodeState(
  decimals: number,
  figures: Readonly<Record<string, number>>,
  parts: readonly Uint8Array[],
): Generator<Uint8Array> {
  const header: StateHeader = { version: formatVersion, decimals, figures };
  yield Buffer.from(`${JSON.stringify(header)}\n`);
  for (const part of parts) {
    // Copies, because shared memory is not accepted everywhere that takes bytes.
    for (let start = 0; start < part.length; start += chunkBytes) yield part.slice(start, start + chunkBytes);
  }
}

/** Undefined when it is of another version or another number of decimals. */
async function decodeState(
  chunks: AsyncIterable<Uint8Array>,
  decimals: number,
): Promise<KeptState | undefined> {
  const iterator = chunks[Symbol.asyncIterator]();
  let start = new Uint8Array();
  while (!start.includes(newline)) {
    const { done, value } = await iterator.next();
    if (done === true) return undefined;
    start = Buffer.concat([start, value]);
  }
  const headerEnd = start.indexOf(newline);
  const header = JSON.parse(Buffer.from(start.subarray(0, headerEnd)).toString()) as Partial<StateHeader>;
  if (header.version === formatVersion && header.decimals === decimals)
    return { figures: header.figures ?? {}, chunks: rest(start.subarray(headerEnd + 1), iterator) };
  await iterator.return?.();
  return undefined;
}

async function* rest(first: Uint8Array, iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield first;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}
