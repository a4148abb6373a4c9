import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { readdir, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';
import { CachedJson } from '../../files/cached-json.ts';
import { ifPresent, ignoreStorageCondition } from '../../files/errno.ts';
import { replaceFile } from '../../files/replace-file.ts';
import { sweepFolder } from '../../files/sweep-folder.ts';
import type { JobBeat } from '../../job/progress-estimate.ts';
import type { TransferProgress } from '../../ports/worker-slots.ts';
import type { VolumeLayout } from '../volume/volume-layout.ts';

/** A lease that was not renewed for this long is over, and its jobs are anybody's. */
export const LEASE_MS = 4_000;
const RENEWAL_MS = 1_000;
const PROGRESS_RENEWAL_MS = 250;
const STRAY_LEASE_MS = 24 * 3600 * 1000;
const LEASE_NAME = /^([0-9a-f-]{36})\.json$/;

const transferSchema = z.object({
  bytes: z.int().nonnegative(),
  total: z.int().nonnegative().nullable(),
  bytesPerSecond: z.number().nonnegative().nullable(),
});

const jobBeatSchema = z.object({
  phase: z.string(),
  fraction: z.number().min(0).max(1),
  etaSeconds: z.number().nullable(),
  digitsPerSecond: z.number().nullable(),
});

const leaseSchema = z.object({
  version: z.literal(1),
  process: z.uuid(),
  host: z.string(),
  pid: z.int(),
  startedAt: z.iso.datetime(),
  /** Slots that this process allows on the volume; of all that live the smallest counts. */
  maxConcurrentJobs: z.int().positive().optional(),
  /** Of a calculator: the largest `num` that it has the memory for. */
  mostDigits: z.int().positive().optional(),
  /** Progress of the digit jobs it runs, by job id. */
  jobs: z.record(z.string(), jobBeatSchema),
  /** Progress of the transfers it carries out, by worker id. */
  transfers: z.record(z.string(), transferSchema),
});

type Lease = z.infer<typeof leaseSchema>;

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
  #renewedAt = 0;
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
      const due = this.#changed ? PROGRESS_RENEWAL_MS : RENEWAL_MS;
      if (performance.now() - this.#renewedAt < due) return;
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
    this.#renewedAt = performance.now();
    this.#changed = false;
    const content: z.infer<typeof leaseSchema> = {
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

/**
 * What others see of the leases. A lease's age is the age of its file by this machine's clock. A clock that is wrong makes a live
 * owner look dead, which costs repeated work and nothing else: what keeps two owners apart is the token in the job's record.
 */
export class LeaseBoard {
  readonly #layout: VolumeLayout;
  readonly #cache = new CachedJson(leaseSchema, 1000);

  constructor(layout: VolumeLayout) {
    this.#layout = layout;
  }

  isAlive(processId: string): boolean {
    const file = statSync(this.#layout.lease(processId), { throwIfNoEntry: false });
    // As far in the future as it may lie in the past: after a clock was set back a dead process would live for hours.
    return file !== undefined && Math.abs(Date.now() - file.mtimeMs) < LEASE_MS;
  }

  /**
   * Slots on the volume: the smallest number that this or another live process allows, so that processes which were told different ones
   * never run more together than any of them was told.
   */
  async smallestLimit(own: number): Promise<number> {
    const told = (await this.#readAlive()).map(({ maxConcurrentJobs }) => maxConcurrentJobs ?? own);
    return Math.min(own, ...told);
  }

  /** The largest `num` that a live calculator has the memory for; undefined while none has told. */
  async mostDigits(): Promise<number | undefined> {
    const told = (await this.#readAlive()).flatMap(({ mostDigits }) => mostDigits ?? []);
    return told.length === 0 ? undefined : Math.max(...told);
  }

  async #readAlive(): Promise<Lease[]> {
    const names = await readdir(this.#layout.leases);
    return names.flatMap((name) => {
      const processId = LEASE_NAME.exec(name)?.[1];
      if (processId === undefined || !this.isAlive(processId)) return [];
      return this.#cache.read(this.#layout.lease(processId)) ?? [];
    });
  }

  progressOf(processId: string, jobId: number): JobBeat | undefined {
    return this.#cache.read(this.#layout.lease(processId))?.jobs[String(jobId)];
  }

  transferOf(processId: string, workerId: string): TransferProgress | undefined {
    return this.#cache.read(this.#layout.lease(processId))?.transfers[workerId];
  }

  /** Removes the files of processes that died a day ago or more. */
  async sweep(): Promise<void> {
    await sweepFolder(this.#layout.leases, STRAY_LEASE_MS);
  }
}
