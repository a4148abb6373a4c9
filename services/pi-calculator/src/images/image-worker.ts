import {
  type Handling,
  type JobMessage,
  type MessageContext,
  type MessageQueue,
  MessageWorker,
  type ObjectStore,
} from '@pi-jobs/core';
import { ImageEngine } from '@pi-jobs/image-engine';
import { ImageWork, MessageSweeper } from '@pi-jobs/image-jobs';
import type { Logger } from 'pino';
import { type ImageEnd, runImageJob } from './run-image-job.ts';
import { ScratchFolders } from './scratch-folders.ts';

const SWEEP_INTERVAL_MS = 60_000;

export interface ImageWorkerOptions {
  readonly store: ObjectStore;
  readonly queue: MessageQueue;
  /** Images worked on at once, each in a process of its own. */
  readonly maxConcurrentJobs: number;
  /** Folder for the images that are worked on. */
  readonly scratchFolder: string;
  readonly log: Logger;
  readonly onEnd?: (end: ImageEnd) => void;
}

/** Takes image jobs from the queue and works on them, none of it in this process but the moving of bytes. */
export class ImageWorker {
  readonly #options: ImageWorkerOptions;
  readonly #work: ImageWork;
  readonly #engine: ImageEngine;
  readonly #scratch: ScratchFolders;
  readonly #messages: MessageWorker;
  readonly #sweeper: MessageSweeper;
  #sweeping: NodeJS.Timeout | undefined;

  constructor(options: ImageWorkerOptions) {
    const { store, queue, maxConcurrentJobs, scratchFolder, log } = options;
    this.#options = options;
    this.#work = new ImageWork(store);
    this.#engine = new ImageEngine({ slots: maxConcurrentJobs });
    this.#scratch = new ScratchFolders(scratchFolder);
    this.#sweeper = new MessageSweeper(store, queue);
    this.#messages = new MessageWorker({
      queue,
      concurrency: maxConcurrentJobs,
      handle: (message, context) => this.#handle(message, context),
      bury: (message) => this.#work.bury(message.job_id),
      onError: (error, what) => log.error({ err: error }, what),
    });
  }

  /** Images worked on now. */
  get running(): number {
    return this.#messages.running;
  }

  start(): void {
    this.#messages.start();
    const sweep = (): void => void this.#sweep();
    this.#sweeping = setInterval(sweep, SWEEP_INTERVAL_MS);
    sweep();
  }

  /** Images that are being worked on go back into the line. */
  async stop(): Promise<void> {
    clearInterval(this.#sweeping);
    await this.#messages.stop();
    await this.#engine.close();
  }

  async #handle({ job_id }: JobMessage, { signal }: MessageContext): Promise<Handling> {
    const claim = await this.#work.begin(job_id);
    if (claim === undefined) return 'done';
    const log = this.#options.log.child({ job_id });
    log.info({ attempt: claim.job.attempts }, 'image taken up');
    const { end, handling } = await runImageJob(claim, {
      engine: this.#engine,
      scratch: this.#scratch,
      signal,
      log,
    });
    log.info({ end }, 'image let go');
    this.#options.onEnd?.(end);
    return handling;
  }

  async #sweep(): Promise<void> {
    const { log } = this.#options;
    try {
      await this.#scratch.sweep();
      const sent = await this.#sweeper.sweep();
      if (sent > 0) log.warn({ sent }, 'messages of image jobs were lost and are sent anew');
    } catch (error) {
      log.warn({ err: error }, 'looking for image jobs without a message failed');
    }
  }
}
