/**
 * A thread of a team: a leader waits for calls from JavaScript, the others for tasks from the leader. It is no ES module, because
 * those have a loader of their own, which takes a thread some milliseconds to start.
 */
import type { KernelExports } from './exports.ts' with { 'resolution-mode': 'import' };
import type { KernelFunctions } from './kernel-values.ts' with { 'resolution-mode': 'import' };
import type { CallAnswer, CallMessage, MemberData } from './member-messages.ts' with {
  'resolution-mode': 'import',
};

const { parentPort } = require('node:worker_threads') as typeof import('node:worker_threads');

type Kernel = KernelFunctions<keyof KernelExports>;

/** The first message says which thread of which team this is. */
parentPort?.once('message', ({ module, memory, role, place }: MemberData) => {
  const kernel = new WebAssembly.Instance(module, { env: { memory } }).exports as Kernel;
  if (role === 'serve') serve(kernel, place);
  kernel.lead(...place);
  parentPort?.on('message', (message: CallMessage) => parentPort?.postMessage(answer(kernel, message)));
});

/** Until the thread is ended. */
function serve(kernel: Kernel, place: MemberData['place']): never {
  try {
    kernel.serve(...place);
  } catch (error) {
    kernel.giveUp();
    throw error;
  }
  throw new Error('a thread of the computation has nothing to do');
}

function answer(kernel: Kernel, { id, call, args }: CallMessage): CallAnswer {
  try {
    return { id, result: kernel[call](...args) };
  } catch (error) {
    return { id, error };
  }
}
