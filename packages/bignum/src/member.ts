/** A thread of a team: the leader waits for calls from JavaScript, the others for tasks from the leader. */
import { parentPort } from 'node:worker_threads';
import type { KernelExports, LeaderCall } from './exports.ts';
import type { AddressBits } from './kernel.ts';

export interface MemberData {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly addressBits: AddressBits;
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

type Run = (call: keyof KernelExports, ...args: readonly number[]) => number;

/** The first message says which thread of which team this is. */
parentPort?.once('message', (data: MemberData) => {
  const instance = new WebAssembly.Instance(data.module, { env: { memory: data.memory } });
  const run = runner(instance, data.addressBits);
  run('join', data.rank, data.count, data.stackFrom, data.stackTo);
  if (data.rank > 0) run('serve');
  else parentPort?.on('message', (message: CallMessage) => parentPort?.postMessage(answer(run, message)));
});

/** Calls exports; 32-bit results come back signed. */
function runner(instance: WebAssembly.Instance, addressBits: AddressBits): Run {
  const exports = instance.exports as Readonly<Record<keyof KernelExports, (...args: unknown[]) => unknown>>;
  if (addressBits === 64) return (call, ...args) => Number(exports[call](...args.map(BigInt)) ?? 0);
  return (call, ...args) => Number(exports[call](...args) ?? 0) >>> 0;
}

function answer(run: Run, { id, call, args }: CallMessage): CallAnswer {
  try {
    return { id, result: run(call, ...args) };
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
