import { randomUUID } from 'node:crypto';
import { ignoreStorageCondition } from '../../files/errno.ts';
import type { JobId } from '../../job/job.ts';
import type { ClaimedJob, ClaimOptions, WorkQueue } from '../../ports/work-queue.ts';
import type { DigitFileWriter } from '../digits/digit-file.ts';
import { finishClosing } from '../jobs/close-job.ts';
import type { JobRecord } from '../jobs/job-record.ts';
import { ProcessLease } from '../leases/process-lease.ts';
import type { FileVolume } from '../volume/file-volume.ts';
import { FileCheckpoints } from './file-checkpoints.ts';
import { FileClaim } from './file-claim.ts';
import { pickNextJob } from './pick-next-job.ts';
import { takeOverDigits } from './take-over.ts';

const REQUEST_POLL_MS = 100;

export interface FileWorkQueueOptions {
  /** Jobs that run at once on the whole volume. */
  readonly maxConcurrentJobs: number;
  /** The largest `num` that this calculator has the memory for, told to whoever creates jobs. */
  readonly mostDigits?: number;
  /** A job has failed because its record cannot be read. */
  readonly onUnreadable?: (id: JobId) => void;
}

/**
 * Work from the shared volume for one calculator. Nothing is handed to it: it takes the next job in line whenever a slot is free,
 * so a lost call or a killed calculator loses nothing.
 */
export class FileWorkQueue implements WorkQueue {
  readonly #volume: FileVolume;
  readonly #lease: ProcessLease;
  readonly #maxConcurrentJobs: number;
  readonly #onUnreadable: (id: JobId) => void;
  readonly #claims = new Set<FileClaim>();
  /** Jobs in this calculator's hands, those being taken over included. */
  readonly #held = new Set<number>();
  #poll: NodeJS.Timeout | undefined;

  private constructor(
    volume: FileVolume,
    { maxConcurrentJobs, mostDigits, onUnreadable }: FileWorkQueueOptions,
  ) {
    this.#volume = volume;
    this.#onUnreadable = onUnreadable ?? (() => undefined);
    this.#lease = new ProcessLease(volume.layout, { maxConcurrentJobs, mostDigits });
    this.#maxConcurrentJobs = maxConcurrentJobs;
  }

  /**
   * Takes a lease. `maxConcurrentJobs` bounds the jobs that run at once on the whole volume; where processes say different numbers the
   * smallest counts.
   */
  static async open(volume: FileVolume, options: FileWorkQueueOptions): Promise<FileWorkQueue> {
    const queue = new FileWorkQueue(volume, options);
    await volume.leases.sweep().catch(ignoreStorageCondition);
    await queue.#lease.start();
    queue.#poll = setInterval(() => void queue.checkRequests(), REQUEST_POLL_MS);
    return queue;
  }

  /** Name of this calculator's lease. */
  get calculator(): string {
    return this.#lease.processId;
  }

  async claim(options: ClaimOptions = {}): Promise<ClaimedJob | undefined> {
    const { claimed, pick } = await this.#volume.mutex.run(() => this.#claimNext(options));
    for (const id of pick.unreadable) this.#onUnreadable(String(id));
    if (claimed === undefined) return this.#finishAll(pick.closed);
    const { record } = claimed;
    try {
      await this.#finishAll(pick.closed);
      const writer = await takeOverDigits(this.#volume, record, claimed);
      if (writer === undefined) {
        this.#held.delete(record.id);
        return undefined;
      }
      const claim = await this.#claimOf(record, writer);
      this.#claims.add(claim);
      await this.#checkFirst(claim);
      return claim;
    } catch (error) {
      this.#held.delete(record.id);
      throw error;
    }
  }

  async #claimOf(record: JobRecord, writer: DigitFileWriter): Promise<FileClaim> {
    try {
      const checkpoints = new FileCheckpoints(this.#volume.layout.checkpoints(record.id));
      await checkpoints.sweep().catch(ignoreStorageCondition);
      return new FileClaim({
        volume: this.#volume,
        lease: this.#lease,
        record,
        writer,
        checkpoints,
        onEnd: (ended) => {
          this.#claims.delete(ended);
          this.#held.delete(record.id);
        },
      });
    } catch (error) {
      await writer.close();
      throw error;
    }
  }

  async #finishAll(closed: readonly JobRecord[]): Promise<undefined> {
    for (const one of closed) await finishClosing(this.#volume, one).catch(ignoreStorageCondition);
  }

  /** Before its first digit: a claim that came late holds a file that may be its successor's. */
  async #checkFirst(claim: FileClaim): Promise<void> {
    try {
      claim.checkRequests();
    } catch (error) {
      await claim.abandon();
      throw error;
    }
  }

  async checkRequests(): Promise<void> {
    for (const claim of this.#claims) {
      try {
        claim.checkRequests();
      } catch {
        // A look that fails (a volume that does not answer) is made again at the next turn.
      }
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#poll);
    await Promise.all([...this.#claims].map((claim) => claim.abandon()));
    await this.#lease.stop();
  }

  /** Inside the mutex. */
  async #claimNext({ fits }: ClaimOptions) {
    const pick = await pickNextJob(this.#volume, {
      maxConcurrentJobs: this.#maxConcurrentJobs,
      // A job that bears our name but is not in our hands was let go by a step that failed.
      isHeld: ({ calculator }, id) =>
        calculator === this.calculator ? this.#held.has(id) : this.#volume.leases.isAlive(calculator),
    });
    const { next } = pick;
    if (next === undefined || fits?.(next.num) === false) return { claimed: undefined, pick };
    const record: JobRecord = {
      ...next,
      state: 'running',
      startedAt: next.startedAt ?? new Date().toISOString(),
      owner: { calculator: this.calculator, token: randomUUID() },
      released: false,
      keepsSlot: false,
      error: null,
    };
    // The cursor passes a job that has a record, so the first one must not get lost; what it says may.
    await this.#volume.records.write(record, { durable: next.startedAt === null });
    this.#held.add(record.id);
    return { claimed: { record, isReleased: next.released }, pick };
  }
}
