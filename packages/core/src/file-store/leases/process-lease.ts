import { randomUUID } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { ifPresent, ignoreStorageCondition } from '../../files/errno.ts';
import { replaceFile } from '../../files/replace-file.ts';
import type { JobBeat } from '../../job/progress-estimate.ts';
import type { TransferProgress } from '../../ports/worker-slots.ts';
import type { VolumeLayout } from '../volume/volume-layout.ts';
import type { Lease } from './lease-schema.ts';

const PROGRESS_RENEWAL_MS = 250;
/** Without progress to tell, every so many times; or after so long, when the process stood still and turns were left out. */
const QUIET_TURNS = 4;
const QUIET_MS = 1_000;

/** What a process says of itself for as long as it lives. */
export interface LeaseFacts {
  readonly maxConcurrentJobs?: number;
  readonly mostDigits?: number | undefined;
}

/**
 * The sign of life of a process that does long work: one file that it replaces every second, or four times a second while there is
 * progress to tell. One lease covers all that it does, and carries the progress, so that renewing costs the same for one job as for
 * fifty.
 */
export class ProcessLease {
  readonly processId: string = randomUUID();
  readonly #layout: VolumeLayout;
  readonly #facts: LeaseFacts;
  readonly #startedAt = new Date().toISOString();
  readonly #jobs = new Map<string, JobBeat>();
  readonly #transfers = new Map<string, TransferProgress>();
  #changed = true;
  #turns = 0;
  #writtenAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;

  constructor(layout: VolumeLayout, facts: LeaseFacts = {}) {
    this.#layout = layout;
    this.#facts = facts;
  }

  /** Writes the first sign of life, then goes on by itself until `stop`. A volume that is full or read-only keeps nobody from starting. */
  async start(): Promise<void> {
    await this.#write().catch(ignoreStorageCondition);
    this.#timer = setInterval(() => {
      // Time alone would not do: a turn comes now and then a little early, and what it left out would wait for another.
      this.#turns += 1;
      const isDue = this.#turns >= QUIET_TURNS || performance.now() - this.#writtenAt >= QUIET_MS;
      if (!this.#changed && !isDue) return;
      // One that fails (a full disk) is made up for by the next; if none succeeds in time the lease is lost, as it should be.
      this.#writing ??= this.#write()
        .catch(() => undefined)
        .finally(() => {
          this.#writing = undefined;
        });
    }, PROGRESS_RENEWAL_MS);
  }

  setProgress(jobId: number, beat: JobBeat): void {
    this.#jobs.set(String(jobId), beat);
    this.#changed = true;
  }

  clearProgress(jobId: number): void {
    this.#jobs.delete(String(jobId));
  }

  setTransfer(workerId: string, progress: TransferProgress): void {
    this.#transfers.set(workerId, progress);
    this.#changed = true;
  }

  clearTransfer(workerId: string): void {
    this.#transfers.delete(workerId);
  }

  /** Ends the lease at once: what it still owns is anybody's. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
    await ifPresent(unlink(this.#layout.lease(this.processId))).catch(ignoreStorageCondition);
  }

  async #write(): Promise<void> {
    this.#turns = 0;
    this.#writtenAt = performance.now();
    this.#changed = false;
    const content: Lease = {
      version: 1,
      process: this.processId,
      host: hostname(),
      pid: process.pid,
      startedAt: this.#startedAt,
      ...this.#facts,
      jobs: Object.fromEntries(this.#jobs),
      transfers: Object.fromEntries(this.#transfers),
    };
    await replaceFile(this.#layout.lease(this.processId), `${JSON.stringify(content)}\n`, {
      temporaryFolder: this.#layout.temporary,
      durable: false,
    });
  }
}
