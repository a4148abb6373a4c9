import { parentPort } from 'node:worker_threads';
import { type TaskKind, tasks } from './tasks.ts';
import type { TaskReply, TaskRequest } from './worker-pool.ts';

if (parentPort === null) throw new Error('this module runs in a worker thread');
const port = parentPort;

port.on('message', (request: TaskRequest) => {
  port.postMessage(answer(request));
});

function answer({ kind, input }: TaskRequest): TaskReply {
  const run = tasks[kind as TaskKind] as (input: unknown) => unknown;
  try {
    return { output: run(input) };
  } catch (error) {
    return { error };
  }
}
