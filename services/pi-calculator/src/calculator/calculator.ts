import { availableParallelism } from 'node:os';
import {
  type ClaimedJob,
  type DigitEngine,
  isStorageCondition,
  StopError,
  type WorkQueue,
} from '@pi-jobs/core';
import type { Logger } from 'pino';
import type { MemoryBudget } from './memory-budget.ts';
import { type ClaimEnd, runClaim } from './run-claim.ts';

const POLL_MS = 200;
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 5_000;

export interface CalculatorOptions {
  readonly queue: WorkQueue;
  readonly engine: DigitEngine;
  /** Memory that the running jobs share. */
  readonly memory: MemoryBudget;
  readonly log: Logger;
  /** Told of every claim that ended. */
  readonly onEnd?: (job: ClaimedJob, end: ClaimEnd) => void;
}

/** Takes up jobs as long as slots are free, and runs each beside the others. */
export class Calculator {
  readonly #options: CalculatorOptions;
  readonly #shutdown = new AbortController();
  readonly #running = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #taking: Promise<void> | undefined;
  #lookAgain = false;
  #waitUntil = 0;
  #backoffMs = FIRST_BACKOFF_MS;

  constructor(options: CalculatorOptions) {
    this.#options = options;
  }

  get runningJobIds(): string[] {
    return [...this.#running.keys()];
  }

  start(): void {
    this.#timer = setInterval(() => this.poke(), POLL_MS);
    this.poke();
  }

  /** There may be work: look now instead of at the next turn. */
  poke(): void {
    this.#lookAgain = true;
    this.#taking ??= this.#takeWork().finally(() => {
      this.#taking = undefined;
    });
  }

  /** Running jobs are checkpointed and go back to their places in the line. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#shutdown.abort(new StopError('shutdown'));
    await this.#taking;
    await Promise.all(this.#running.values());
    await this.#options.queue.close();
  }

  async #takeWork(): Promise<void> {
    const { queue, log } = this.#options;
    while (this.#lookAgain) {
      this.#lookAgain = false;
      try {
        for (;;) {
          if (this.#shutdown.signal.aborted || Date.now() < this.#waitUntil) return;
          const claim = await queue.claim({ fits: (num) => this.#fits(num) });
          if (claim === undefined) break;
          this.#run(claim);
        }
      } catch (error) {
        log.error({ err: error }, 'looking for work failed');
        this.#backOff();
      }
    }
  }

  #run(claim: ClaimedJob): void {
    const { engine, memory, log, onEnd } = this.#options;
    const jobLog = log.child({ job_id: claim.id, num: claim.num });
    jobLog.info({ digits_there: claim.digitsThere }, 'job taken up');
    const threads = this.#threadsForNext();
    const memoryBytes = memory.freeBytes;
    const release = memory.take(engine.estimateMemoryBytes(claim.num, threads));
    const context = { engine, threads, memoryBytes, shutdown: this.#shutdown.signal, log: jobLog };
    const run = runClaim(claim, context)
      .then((end) => {
        jobLog.info({ end }, 'job let go');
        if (end === 'storage') this.#backOff();
        else if (end === 'completed') this.#backoffMs = FIRST_BACKOFF_MS;
        onEnd?.(claim, end);
      })
      .catch((error: unknown) => {
        // The last step failed: the claim is gone, the queue will offer the job again.
        jobLog.error({ err: error }, 'ending the job failed');
        if (isStorageCondition(error)) this.#backOff();
      })
      .finally(() => {
        this.#running.delete(claim.id);
        release();
        this.poke();
      });
    this.#running.set(claim.id, run);
  }

  #threadsForNext(): number {
    return Math.max(1, Math.floor(availableParallelism() / (this.#running.size + 1)));
  }

  #fits(num: number): boolean {
    const { engine, memory } = this.#options;
    return memory.hasRoomFor(engine.estimateMemoryBytes(num, this.#threadsForNext()));
  }

  #backOff(): void {
    this.#waitUntil = Date.now() + this.#backoffMs;
    this.#backoffMs = Math.min(this.#backoffMs * 2, LONGEST_BACKOFF_MS);
  }
}
