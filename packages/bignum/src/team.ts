import type { Worker } from 'node:worker_threads';
import { CallingLeader } from './calling-leader.ts';
import type { LeaderCall } from './exports.ts';
import { freeMemorySoon } from './free-memory.ts';
import { type AddressBits, type KernelPath, loadKernel } from './kernel.ts';
import { toKernel } from './kernel-values.ts';
import type { Leader } from './leader.ts';
import type { MemberData } from './member-messages.ts';
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
import { WorkerLeader } from './worker-leader.ts';

export interface TeamOptions {
  /** Threads that compute, at least 1, of which at most 64 are used. */
  readonly threads: number;
  /**
   * Who leads them: a worker, so that the caller's thread stays free and all end at once whatever they are doing; or, for short
   * computations, the calling thread, which is there already but does nothing else while a call lasts. Default `worker`.
   */
  readonly leader?: 'worker' | 'caller' | undefined;
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

/** Threads over one shared memory, on which big numbers live. */
export class Team {
  /** The memory that the numbers live in. */
  readonly buffer: SharedArrayBuffer;
  readonly path: KernelPath;
  readonly addressBits: AddressBits;
  readonly #leader: Leader;
  readonly #workers: readonly Worker[];
  #stopped: () => void = () => {};

  private constructor(
    memory: WebAssembly.Memory,
    path: KernelPath,
    addressBits: AddressBits,
    leader: Leader,
    workers: readonly Worker[],
  ) {
    this.buffer = memory.buffer;
    this.path = path;
    this.addressBits = addressBits;
    this.#leader = leader;
    this.#workers = workers;
    for (const worker of workers) {
      worker.on('error', (error) => leader.fail(error));
      worker.on('exit', () => leader.fail(new Error('a thread of the computation ended')));
    }
  }

  /** The leader is there when this resolves, or as soon as its thread has started; the other threads take part from when they are. */
  static async start({ threads: wanted, memoryBytes, path, ...options }: TeamOptions): Promise<Team> {
    const threads = Math.min(wanted, MOST_THREADS);
    const stacks = HEADER_END + (threads - 1) * MEMBER_STACK_BYTES;
    const needed = Math.ceil((memoryBytes + stacks) / PAGE_BYTES);
    const addressBits = options.addressBits ?? (needed > MOST_PAGES[32] ? 64 : 32);
    const pages = Math.min(needed, MOST_PAGES[addressBits]);
    const { module, ...kernel } = await loadKernel(path, addressBits);
    const memory = newMemory(pages, addressBits);
    const stackTo = pages * PAGE_BYTES - PAGE_BYTES;
    const leaderPlace = toKernel([threads, stacks, stackTo], addressBits);
    const start = (role: MemberData['role'], place: MemberData['place']): Worker => {
      const data: MemberData = { module, memory, role, place };
      const worker = takeThread();
      worker.postMessage(data);
      return worker;
    };
    const startOthers = (): Worker[] =>
      Array.from({ length: threads - 1 }, (_, i) => {
        const stackFrom = HEADER_END + i * MEMBER_STACK_BYTES;
        return start('serve', toKernel([threads, stackFrom, stackFrom + MEMBER_STACK_BYTES], addressBits));
      });
    if (options.leader === 'caller') {
      // Before the workers: when it cannot be had, none has started for nothing.
      const leader = CallingLeader.start(module, memory, leaderPlace, addressBits);
      return new Team(memory, kernel.path, addressBits, leader, startOthers());
    }
    const leaderWorker = start('lead', leaderPlace);
    const leader = new WorkerLeader(leaderWorker, addressBits);
    return new Team(memory, kernel.path, addressBits, leader, [leaderWorker, ...startOthers()]);
  }

  /** Runs an export on the leader; rejects when it traps (memory used up) or the team has ended. */
  call(call: LeaderCall, ...args: readonly number[]): Promise<number> {
    return this.#leader.call(call, args);
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

  /** Ends all workers at once, whatever they are doing; calls that wait, and later ones, reject with the reason. */
  async stop(reason: unknown = new Error('the team was stopped')): Promise<void> {
    this.#stopped();
    this.#leader.fail(reason);
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
    if (this.buffer.byteLength >= fewestFreedBytes) freeMemorySoon();
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
