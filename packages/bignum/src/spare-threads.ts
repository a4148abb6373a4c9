import type { Worker } from 'node:worker_threads';

/** Threads that wait for what they are to do. */
const spare: Worker[] = [];

/**
 * Starts threads before it is known what for: a thread takes 20 ms, in which the caller can load the rest. They do not keep the process
 * alive, and the next teams take them.
 */
export function startThreadsEarly(count: number): void {
  for (let i = 0; i < count; i++) {
    const worker = newThread();
    worker.unref();
    spare.push(worker);
  }
}

/** A thread that waits for its data as the first message (see member.cts). */
export function takeThread(): Worker {
  const worker = spare.pop();
  if (worker === undefined) return newThread();
  worker.ref();
  return worker;
}

function newThread(): Worker {
  const file = new URL(import.meta.url.endsWith('.ts') ? './member.cts' : './member.cjs', import.meta.url);
  // Not imported: who starts no threads need not wait 4 ms for it.
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  return new Worker(file, { env: {}, stdin: false });
}
