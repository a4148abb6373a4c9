import type { Handling, MessageContext, ObjectStore } from '@pi-jobs/core';
import { ImageEngine } from '@pi-jobs/image-engine';
import { ImageWork } from '@pi-jobs/image-jobs';
import type { Logger } from 'pino';
import { type ImageEnd, runImageJob } from './run-image-job.ts';
import { ScratchFiles } from './scratch-files.ts';

export interface ImageWorkerOptions {
  readonly store: ObjectStore;
  /** Images worked on at once, each in a process of its own. */
  readonly maxConcurrentJobs: number;
  /** Folder for the images that are worked on. */
  readonly scratchFolder: string;
  readonly log: Logger;
  readonly onEnd?: (end: ImageEnd) => void;
}

/** Works on images, none of it in this process but the moving of bytes. */
export class ImageWorker {
  readonly #options: ImageWorkerOptions;
  readonly #work: ImageWork;
  readonly #engine: ImageEngine;
  readonly #scratch: ScratchFiles;
  #running = 0;

  constructor(options: ImageWorkerOptions) {
    this.#options = options;
    this.#work = new ImageWork(options.store);
    this.#engine = new ImageEngine({ slots: options.maxConcurrentJobs });
    this.#scratch = new ScratchFiles(options.scratchFolder);
  }

  /** Images worked on now. */
  get running(): number {
    return this.#running;
  }

  /** For the message of an image job: resolves when its work here has ended. */
  async handle(jobId: string, { signal, attempt }: MessageContext): Promise<Handling> {
    const claim = await this.#work.begin(jobId);
    if (claim === undefined) return 'done';
    const log = this.#options.log.child({ job_id: jobId });
    log.info({ attempt: claim.job.attempts }, 'image taken up');
    this.#running += 1;
    try {
      const context = { engine: this.#engine, scratch: this.#scratch, signal, attempt, log };
      const { end, handling } = await runImageJob(claim, context);
      log.info({ end }, 'image let go');
      this.#options.onEnd?.(end);
      return handling;
    } finally {
      this.#running -= 1;
    }
  }

  /** Puts a job down as failed whose messages ended nowhere. */
  async bury(jobId: string): Promise<void> {
    await this.#work.bury(jobId);
  }

  /** Removes what killed processes left. */
  async sweep(): Promise<void> {
    await this.#scratch.sweep();
  }

  /** Ends the processes. Every image must have been let go. */
  async close(): Promise<void> {
    await this.#engine.close();
  }
}
