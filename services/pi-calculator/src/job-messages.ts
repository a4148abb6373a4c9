import {
  type Handling,
  type MessageContext,
  type MessageKind,
  type MessageQueue,
  MessageSweeper,
  MessageWorker,
  type ObjectStore,
} from '@pi-jobs/core';
import type { Logger } from 'pino';

const SWEEP_INTERVAL_MS = 60_000;

/** Who works on the jobs of one kind. */
export interface MessageHandler {
  handle(jobId: string, context: MessageContext): Promise<Handling>;
  /** Puts a job down as failed whose messages ended nowhere. */
  bury(jobId: string): Promise<void>;
  /** Sends the messages of jobs whose turn has come; for whoever has room for work. */
  callNext?(): Promise<void>;
  /** Jobs that need no message while they wait. */
  parkedIds?(): Promise<ReadonlySet<string>>;
  sweep?(): Promise<void>;
}

export interface JobMessagesOptions {
  readonly store: ObjectStore;
  readonly queue: MessageQueue;
  /** Messages in hand at once. */
  readonly concurrency: number;
  readonly handlers: Readonly<Partial<Record<MessageKind, MessageHandler>>>;
  readonly log: Logger;
}

/** Takes the messages of jobs from the queue, has each handled by who knows its kind, and sees to those that were lost. */
export class JobMessages {
  readonly #options: JobMessagesOptions;
  readonly #worker: MessageWorker;
  readonly #sweeper: MessageSweeper;
  #sweeps: NodeJS.Timeout | undefined;
  #isSweeping = false;

  constructor(options: JobMessagesOptions) {
    const { store, queue, concurrency, handlers, log } = options;
    this.#options = options;
    const parkedIds = async (): Promise<ReadonlySet<string>> =>
      (await handlers.digits?.parkedIds?.()) ?? new Set();
    this.#sweeper = new MessageSweeper(store, queue, { parkedIds });
    this.#worker = new MessageWorker({
      queue,
      concurrency,
      handle: async ({ kind, job_id }, context) => {
        const handler = handlers[kind];
        if (handler === undefined) throw new Error(`nobody here works on ${kind} jobs`);
        return handler.handle(job_id, context);
      },
      bury: async ({ kind, job_id }) => {
        log.error({ job_id, kind }, 'a message was delivered too often; its job is given up');
        await handlers[kind]?.bury(job_id);
      },
      onRoom: async () => handlers.digits?.callNext?.(),
      onError: (error, what) => log.error({ err: error }, what),
    });
  }

  start(): void {
    this.#worker.start();
    const sweep = (): void => void this.#sweep();
    this.#sweeps = setInterval(sweep, SWEEP_INTERVAL_MS);
    sweep();
  }

  /** What is being worked on goes back into the line. */
  async stop(): Promise<void> {
    clearInterval(this.#sweeps);
    await this.#worker.stop();
  }

  async #sweep(): Promise<void> {
    const { handlers, log } = this.#options;
    // Of many open jobs, or on a slow store, one takes longer than the interval.
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    try {
      for (const handler of Object.values(handlers)) await handler?.sweep?.();
      const sent = await this.#sweeper.sweep();
      if (sent > 0) log.warn({ sent }, 'messages of jobs were lost and are sent anew');
    } catch (error) {
      log.warn({ err: error }, 'looking for jobs without a message failed');
    } finally {
      this.#isSweeping = false;
    }
  }
}
