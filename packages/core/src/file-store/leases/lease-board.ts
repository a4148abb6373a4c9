import { statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { CachedJson, UnreadableFileError } from '../../files/cached-json.ts';
import { sweepFolder } from '../../files/sweep-folder.ts';
import type { JobBeat } from '../../job/progress-estimate.ts';
import type { TransferProgress } from '../../ports/worker-slots.ts';
import type { VolumeLayout } from '../volume/volume-layout.ts';
import { type Lease, leaseSchema } from './lease-schema.ts';

/** A lease that was not renewed for this long is over, and its jobs are anybody's. */
const LEASE_MS = 4_000;
const STRAY_LEASE_MS = 24 * 3600 * 1000;
const LEASE_NAME = /^([0-9a-f-]{36})\.json$/;

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
      return this.#read(processId) ?? [];
    });
  }

  /** One that cannot be read tells nothing; that its process lives shows all the same. */
  #read(processId: string): Lease | undefined {
    try {
      return this.#cache.read(this.#layout.lease(processId));
    } catch (error) {
      if (error instanceof UnreadableFileError) return undefined;
      throw error;
    }
  }

  /** The time that is left runs on since it was told. */
  progressOf(processId: string, jobId: number): JobBeat | undefined {
    const beat = this.#read(processId)?.jobs[String(jobId)];
    if (beat === undefined || beat.etaSeconds === null) return beat;
    const file = statSync(this.#layout.lease(processId), { throwIfNoEntry: false });
    const ageMs = Math.min(LEASE_MS, Math.max(0, Date.now() - (file?.mtimeMs ?? Date.now())));
    return { ...beat, etaSeconds: Math.max(0, Math.round(beat.etaSeconds * 100 - ageMs / 10) / 100) };
  }

  transferOf(processId: string, workerId: string): TransferProgress | undefined {
    return this.#read(processId)?.transfers[workerId];
  }

  /** Removes the files of processes that died a day ago or more. */
  async sweep(): Promise<void> {
    await sweepFolder(this.#layout.leases, STRAY_LEASE_MS);
  }
}
