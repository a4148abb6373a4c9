import { type DigitJob, type JobId, parseCountedId } from '../../job/job.ts';
import { fateOf } from '../../job/rules/worker-rules.ts';
import type { SlotCount } from '../../ports/worker-slots.ts';
import type { WorkerRecord } from '../../workers/worker-record.ts';
import { type KnownWorker, settledAs, type WorkerRegistry } from '../../workers/worker-registry.ts';
import { keepSlot } from '../jobs/keep-slot.ts';
import { readJob } from '../jobs/read-job.ts';
import { ProcessLease } from '../leases/process-lease.ts';
import type { FileVolume } from '../volume/file-volume.ts';
import { surveySlots } from './survey-slots.ts';

const LOOK_MS = 100;

/** Worker ids on the shared volume: a file each, changed inside its mutex. */
export class FileWorkerRegistry implements WorkerRegistry {
  readonly lookMs = LOOK_MS;
  readonly lease: ProcessLease;
  readonly #volume: FileVolume;
  readonly #maxConcurrentJobs: number;

  private constructor(volume: FileVolume, lease: ProcessLease, maxConcurrentJobs: number) {
    this.#volume = volume;
    this.#maxConcurrentJobs = maxConcurrentJobs;
    this.lease = lease;
  }

  /** Takes a lease. */
  static async open(volume: FileVolume, maxConcurrentJobs: number): Promise<FileWorkerRegistry> {
    const lease = new ProcessLease(volume.layout, { maxConcurrentJobs });
    await lease.start();
    return new FileWorkerRegistry(volume, lease, maxConcurrentJobs);
  }

  async grant(reservation: WorkerRecord): Promise<boolean> {
    return this.#volume.mutex.run(async () => {
      if ((await this.#count()).free <= 0) return false;
      await this.#volume.workers.write(reservation);
      return true;
    });
  }

  async count(): Promise<SlotCount> {
    return this.#volume.mutex.run(() => this.#count());
  }

  async read(workerId: string): Promise<KnownWorker | undefined> {
    const stored = this.#volume.workers.read(workerId);
    return stored && this.#known(stored);
  }

  async list(): Promise<KnownWorker[]> {
    return (await this.#volume.workers.listAll()).map((record) => this.#known(record));
  }

  async update(
    workerId: string,
    change: (record: WorkerRecord) => WorkerRecord | undefined,
  ): Promise<WorkerRecord | undefined> {
    return this.#volume.mutex.run(async () => {
      const stored = this.#volume.workers.read(workerId);
      if (stored === undefined) return undefined;
      const { record } = this.#known(stored);
      const changed = change(record);
      return changed === undefined ? record : this.#volume.workers.write(changed);
    });
  }

  async bindJob(workerId: string, jobId: JobId): Promise<void> {
    await this.#volume.mutex.run(async () => {
      const stored = this.#volume.workers.read(workerId);
      if (stored === undefined) return;
      await keepSlot(this.#volume, Number(jobId));
      await this.#volume.workers.write({ ...stored, jobId, process: null });
    });
  }

  sweep(): Promise<void> {
    return this.#volume.workers.sweep();
  }

  /** Inside the mutex. */
  #count(): Promise<SlotCount> {
    return surveySlots(this.#volume, this.#maxConcurrentJobs, (record) => this.#known(record));
  }

  #known(stored: WorkerRecord): KnownWorker {
    return knownWorker(this.#volume, stored, this.lease.processId);
  }
}

/** `ownProcess` lives, whatever its lease says: it is the one that asks. */
export function knownWorker(
  volume: FileVolume,
  stored: WorkerRecord,
  ownProcess: string | undefined,
): KnownWorker {
  const { process, workerId } = stored;
  const isAlive = process !== null && (process === ownProcess || volume.leases.isAlive(process));
  const told = process === null ? undefined : volume.leases.transferOf(process, workerId);
  const record = settledAs(stored, fateOf(stored, Date.now(), isAlive), told);
  return { record, told, job: jobOf(volume, record) };
}

function jobOf(volume: FileVolume, { jobId }: WorkerRecord): DigitJob | undefined {
  const id = jobId === null ? undefined : parseCountedId(jobId);
  return id === undefined ? undefined : readJob(volume, id);
}
