import type { Worker } from 'node:worker_threads';
import type { LeaderCall } from './exports.ts';
import { freeMemorySoon } from './free-memory.ts';
import { type AddressBits, type KernelPath, loadKernel } from './kernel.ts';
import type { CallAnswer, MemberData } from './member-messages.ts';
import {
  FAULT_COUNTDOWN,
  HEADER_END,
  LARGEST_ERROR,
  MEMBER_STACK_BYTES,
  MOST_PAGES,
  MOST_THREADS,
  PAGE_BYTES,
  PRODUCTS,
  REPEATS,
} from './memory-map.ts';
import { takeThread } from './spare-threads.ts';

export interface TeamOptions {
  /** Threads that compute, at least 1, of which at most 64 are used; each is a worker, so that the caller's thread stays free. */
  readonly threads: number;
  /** Memory of the computation in bytes, at most 16 GiB; taken from the system only as it is touched. */
  readonly memoryBytes: number;
  /** Default `simd-128`. */
  readonly path?: KernelPath;
  /** Default: as many as the memory needs. */
  readonly addressBits?: AddressBits;
}

/** How the products of a team went. */
export interface ProductStatistics {
  readonly products: number;
  /** Products done again because a check raised a doubt. */
  readonly repeats: number;
  /** Largest |x - round(x)| of any accepted product; below 0.4. */
  readonly largestError: number;
}

/** Less than that may wait until V8 collects it. */
const fewestFreedBytes = 64 * 2 ** 20;

interface Pending {
  resolve(result: number): void;
  reject(reason: unknown): void;
}

/** Worker threads over one shared memory, on which big numbers live. */
export class Team {
  /** The memory that the numbers live in. */
  readonly buffer: SharedArrayBuffer;
  readonly path: KernelPath;
  readonly addressBits: AddressBits;
  readonly threads: number;
  readonly #workers: readonly Worker[];
  readonly #pending = new Map<number, Pending>();
  #nextId = 0;
  #failure: { readonly reason: unknown } | undefined;
  #stopped: () => void = () => {};

  private constructor(
    memory: WebAssembly.Memory,
    path: KernelPath,
    addressBits: AddressBits,
    workers: readonly Worker[],
  ) {
    this.buffer = memory.buffer;
    this.path = path;
    this.addressBits = addressBits;
    this.threads = workers.length;
    this.#workers = workers;
    for (const worker of workers) {
      worker.on('error', (error) => this.#fail(error));
      worker.on('exit', () => this.#fail(new Error('a thread of the computation ended')));
    }
    workers[0]?.on('message', (answer: CallAnswer) => this.#settle(answer));
  }

  static async start({ threads: wanted, memoryBytes, path, ...options }: TeamOptions): Promise<Team> {
    const threads = Math.min(wanted, MOST_THREADS);
    const stacks = HEADER_END + (threads - 1) * MEMBER_STACK_BYTES;
    const needed = Math.ceil((memoryBytes + stacks) / PAGE_BYTES);
    const addressBits = options.addressBits ?? (needed > MOST_PAGES[32] ? 64 : 32);
    const pages = Math.min(needed, MOST_PAGES[addressBits]);
    const kernel = await loadKernel(path, addressBits);
    const memory = newMemory(pages, addressBits);
    const workers = Array.from({ length: threads }, (_, rank) => {
      const stackFrom = rank === 0 ? stacks : HEADER_END + (rank - 1) * MEMBER_STACK_BYTES;
      const stackTo = rank === 0 ? pages * PAGE_BYTES - PAGE_BYTES : stackFrom + MEMBER_STACK_BYTES;
      const data: MemberData = {
        module: kernel.module,
        memory,
        addressBits,
        rank,
        count: threads,
        stackFrom,
        stackTo,
      };
      const worker = takeThread();
      worker.postMessage(data);
      return worker;
    });
    return new Team(memory, kernel.path, addressBits, workers);
  }

  /** Runs an export on the leader; rejects when it traps (memory used up) or the team has ended. */
  call(call: LeaderCall, ...args: readonly number[]): Promise<number> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.reason);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#workers[0]?.postMessage({ id, call, args });
    });
  }

  statistics(): ProductStatistics {
    const view = new DataView(this.buffer, 0, HEADER_END);
    return {
      products: Number(view.getBigInt64(PRODUCTS, true)),
      repeats: Number(view.getBigInt64(REPEATS, true)),
      largestError: view.getFloat64(LARGEST_ERROR, true),
    };
  }

  /** For tests of the checks: flips a bit in the transform of the `countdown`-th product from now on. */
  injectFault(countdown: number): void {
    new DataView(this.buffer, 0, HEADER_END).setBigInt64(FAULT_COUNTDOWN, BigInt(countdown), true);
  }

  /** Has `listener` called when the team is stopped. */
  onStop(listener: () => void): void {
    this.#stopped = listener;
  }

  /** Ends all threads at once, whatever they are doing; calls that wait, and later ones, reject with the reason. */
  async stop(reason: unknown = new Error('the team was stopped')): Promise<void> {
    this.#stopped();
    this.#fail(reason);
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
    if (this.buffer.byteLength >= fewestFreedBytes) freeMemorySoon();
  }

  #settle(answer: CallAnswer): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if ('error' in answer) pending?.reject(new Error(answer.error));
    else pending?.resolve(answer.result);
  }

  #fail(reason: unknown): void {
    this.#failure ??= { reason };
    for (const pending of this.#pending.values()) pending.reject(this.#failure.reason);
    this.#pending.clear();
  }
}

/** Shared memory of that size; with 64-bit addresses its size is a bigint to WebAssembly. */
function newMemory(pages: number, addressBits: AddressBits): WebAssembly.Memory {
  if (addressBits === 32)
    return new WebAssembly.Memory({ initial: pages, maximum: MOST_PAGES[32], shared: true });
  return new WebAssembly.Memory({
    address: 'i64',
    initial: BigInt(pages),
    maximum: BigInt(MOST_PAGES[64]),
    shared: true,
  });
}
