import type { KeptState, PiKeeper } from '@pi-jobs/bignum';
import type { CheckpointStore } from '@pi-jobs/core/engine';
import { abortable } from '../request/abortable.ts';
import type { CheckpointPace } from './checkpoint-pace.ts';

const chunkBytes = 1 << 20;
/** Another one whenever the same names stand for other numbers. */
const formatVersion = 4;
const prefix = 'wasm.';
const newline = 0x0a;

/** A write of several that lie before it may be slower than the last ones by so much. */
const haste = 2;
/** Writes that are broken off have so much time to clear up, so that a successor finds nothing in motion. */
const clearingMs = 100;

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
  #writing: Promise<unknown> = Promise.resolve();
  #endsAt = Number.POSITIVE_INFINITY;
  readonly #closing = new AbortController();

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
    if (startedAt + haste * this.#pace.secondsFor(bytes) * 1000 > this.#endsAt) return false;
    const saved = await this.#write(name, encodeState(this.#decimals, figures, parts));
    this.#pace.wrote(bytes, (performance.now() - startedAt) / 1000);
    return saved;
  }

  /** A volume that takes no checkpoint just now may yet take the digits; if not, they say so. */
  async #write(name: string, chunks: Iterable<Uint8Array>): Promise<boolean> {
    const { signal } = this.#closing;
    if (signal.aborted) return false;
    try {
      const writing = this.#store.write(prefix + name, whileOpen(chunks, signal), signal);
      this.#writing = writing;
      await writing;
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

  /** The last that a run writes: `save` has `budgetMs` for it, and until `signal` fires. What is not written by then never will be. */
  async finish(save: () => Promise<void>, budgetMs: number, signal: AbortSignal): Promise<void> {
    this.#endsAt = performance.now() + budgetMs;
    const end = new AbortController();
    const timer = setTimeout(() => end.abort(), budgetMs);
    // What could not be written costs the next run time, as it does when nothing is.
    await abortable(AbortSignal.any([end.signal, signal]), save()).catch(() => {});
    clearTimeout(timer);
  }

  /** Ends the run's writing: a checkpoint that is not complete yet never will be. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the run ended before its checkpoint was written'));
    const cleared = new AbortController();
    const timer = setTimeout(() => cleared.abort(), clearingMs);
    await abortable(cleared.signal, this.#writing).catch(() => {});
    clearTimeout(timer);
  }
}

/** For stores that look at no signal. */
function* whileOpen(chunks: Iterable<Uint8Array>, signal: AbortSignal): Generator<Uint8Array> {
  for (const chunk of chunks) {
    signal.throwIfAborted();
    yield chunk;
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
  try {
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
  } catch (error) {
    await iterator.return?.();
    throw error;
  }
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
