/** A thread of a team: the leader waits for calls from JavaScript, the others for tasks from the leader. */
import { parentPort, workerData } from 'node:worker_threads';
import type { KernelExports, LeaderCall } from './exports.ts';

export interface MemberData {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly rank: number;
  readonly count: number;
  readonly stackFrom: number;
  readonly stackTo: number;
}

export interface CallMessage {
  readonly id: number;
  readonly call: LeaderCall;
  readonly args: readonly number[];
}

export type CallAnswer =
  | { readonly id: number; readonly result: number }
  | { readonly id: number; readonly error: string };

const data = workerData as MemberData;
const instance = new WebAssembly.Instance(data.module, { env: { memory: data.memory } });
const kernel = instance.exports as unknown as KernelExports;
kernel.join(data.rank, data.count, data.stackFrom, data.stackTo);

if (data.rank === 0) {
  parentPort?.on('message', (message: CallMessage) => parentPort?.postMessage(answer(message)));
} else {
  kernel.serve();
}

function answer({ id, call, args }: CallMessage): CallAnswer {
  try {
    const run = kernel[call] as (...values: readonly number[]) => number | undefined;
    return { id, result: (run(...args) ?? 0) >>> 0 };
  } catch (error) {
    return { id, error: explain(error) };
  }
}

/** The kernel traps by the instruction `unreachable`, which is all that the message says. */
function explain(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (message !== 'unreachable') return message;
  return 'the memory of the computation is used up, or a check failed that no repetition helped';
}
