/**
 * A thread of a team: the leader waits for calls from JavaScript, the others for tasks from the leader. It is no ES module, because
 * those have a loader of their own, which takes a thread some milliseconds to start.
 */
import type { KernelExports } from './exports.ts' with { 'resolution-mode': 'import' };
import type { AddressBits } from './kernel.ts' with { 'resolution-mode': 'import' };
import type { CallAnswer, CallMessage, MemberData } from './member-messages.ts' with {
  'resolution-mode': 'import',
};

const { parentPort } = require('node:worker_threads') as typeof import('node:worker_threads');

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
