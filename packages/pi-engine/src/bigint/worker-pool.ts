import { totalmem } from 'node:os';
import { Worker } from 'node:worker_threads';
import { EngineError } from '@pi-jobs/core/engine';
import type { TaskInput, TaskKind, TaskOutput } from './tasks.ts';

export interface TaskRequest {
  readonly kind: string;
  readonly input: unknown;
}

export interface TaskReply {
  readonly output?: unknown;
  readonly error?: unknown;
}

interface QueuedTask extends TaskRequest {
  readonly priority: number;
  readonly onStart: () => void;
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: unknown) => void;
}

const workerUrl = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

/** Runs tasks on up to `size` worker threads, the lowest priority number first. Workers start when first needed. */
export class WorkerPool {
  readonly #size: number;
  readonly #idle: Worker[] = [];
  readonly #running = new Map<Worker, QueuedTask>();
  readonly #workers = new Set<Worker>();
  #queue: QueuedTask[] = [];
  #closed = false;

  constructor(size: number) {
    this.#size = size;
  }

  /** Rejects with an `EngineError` when the task throws, its thread dies or the pool is closed. */
  run<K extends TaskKind>(
    kind: K,
    input: TaskInput<K>,
    priority: number,
    onStart: () => void = () => {},
  ): Promise<TaskOutput<K>> {
    return new Promise<TaskOutput<K>>((resolve, reject) => {
      if (this.#closed) return reject(new EngineError('the worker pool is closed'));
      const task: QueuedTask = {
        kind,
        input,
        priority,
        onStart,
        resolve: (output) => resolve(output as TaskOutput<K>),
        reject,
      };
      const place = this.#queue.findIndex((queued) => queued.priority > priority);
      this.#queue.splice(place === -1 ? this.#queue.length : place, 0, task);
      this.#dispatch();
    });
  }

  /** Ends all threads, in the middle of a product if need be, and rejects what is queued or running. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#rejectAll(new EngineError('the worker pool was closed'));
    await Promise.all([...this.#workers].map((worker) => worker.terminate()));
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const worker = this.#idle.pop() ?? this.#startWorker();
      if (worker === undefined) return;
      const task = this.#queue.shift();
      if (task === undefined) return;
      this.#running.set(worker, task);
      task.onStart();
      worker.postMessage({ kind: task.kind, input: task.input } satisfies TaskRequest);
    }
  }

  #startWorker(): Worker | undefined {
    if (this.#closed || this.#workers.size >= this.#size) return undefined;
    // BigInts live in the thread's heap, whose default limit is far below what large counts need.
    const heapMegabytes = Math.ceil(totalmem() / 2 ** 20);
    const worker = new Worker(workerUrl, { resourceLimits: { maxOldGenerationSizeMb: heapMegabytes } });
    this.#workers.add(worker);
    worker.on('message', (reply: TaskReply) => this.#settle(worker, reply));
    worker.on('error', (error) => this.#fail(error));
    worker.on('exit', (code) => {
      this.#workers.delete(worker);
      if (!this.#closed) this.#fail(new Error(`a worker thread ended with code ${code}`));
    });
    return worker;
  }

  #settle(worker: Worker, reply: TaskReply): void {
    const task = this.#running.get(worker);
    this.#running.delete(worker);
    this.#idle.push(worker);
    if ('error' in reply) {
      task?.reject(new EngineError(`the ${task.kind} step failed`, { cause: reply.error }));
    } else {
      task?.resolve(reply.output);
    }
    this.#dispatch();
  }

  #fail(cause: unknown): void {
    const detail = cause instanceof Error ? cause.message : String(cause);
    this.#rejectAll(new EngineError(`a worker thread died: ${detail}`, { cause }));
  }

  #rejectAll(error: EngineError): void {
    const pending = [...this.#running.values(), ...this.#queue];
    this.#running.clear();
    this.#queue = [];
    for (const task of pending) task.reject(error);
  }
}
