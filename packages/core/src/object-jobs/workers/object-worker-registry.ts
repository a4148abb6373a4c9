import type { JobId } from '../../job/job.ts';
import { isTerminal } from '../../job/job-state.ts';
import { type ObjectStore, VersionConflictError } from '../../ports/object-store.ts';
import type { SlotCount } from '../../ports/worker-slots.ts';
import { newWorkerRecord, type WorkerRecord } from '../../workers/worker-record.ts';
import type { KnownWorker, WorkerRegistry } from '../../workers/worker-registry.ts';
import { ObjectLease } from './object-lease.ts';
import { ObjectSlots } from './object-slots.ts';
import { sweepWorkers } from './sweep-workers.ts';
import { WorkerObjects } from './worker-objects.ts';

/** A store that is far away is asked less often: each look costs a request. */
const LOOK_MS = 500;
const UPDATES = 20;

/**
 * Worker ids in an object store.
 *
 * A reservation is a holder in the slot table and nothing else. Its end, whatever it is, makes the object `workers/<id>`, which can be
 * made once: so an id is used by one request, ended by one, or expires. Its digit job, made with the id in its record, takes the slot
 * over when it begins. A holder that holds no slot any more is dropped from the table by whoever changes it next.
 */
export class ObjectWorkerRegistry implements WorkerRegistry {
  readonly lookMs = LOOK_MS;
  readonly lease: ObjectLease;
  readonly #objects: WorkerObjects;
  readonly #slots: ObjectSlots;

  private constructor(store: ObjectStore, lease: ObjectLease, maxConcurrentJobs: number) {
    this.lease = lease;
    this.#objects = new WorkerObjects(store, lease.processId);
    this.#slots = new ObjectSlots(store, this.#objects, { maxConcurrentJobs });
  }

  /** Gives the first sign of life. */
  static async open(store: ObjectStore, maxConcurrentJobs: number): Promise<ObjectWorkerRegistry> {
    const lease = new ObjectLease(store, { maxConcurrentJobs });
    await lease.start();
    return new ObjectWorkerRegistry(store, lease, maxConcurrentJobs);
  }

  grant(reservation: WorkerRecord): Promise<boolean> {
    return this.#slots.grant(reservation);
  }

  count(): Promise<SlotCount> {
    return this.#slots.count();
  }

  async read(workerId: string): Promise<KnownWorker | undefined> {
    const stored = (await this.#stored(workerId))?.record;
    return stored && this.#objects.know(stored);
  }

  async list(): Promise<KnownWorker[]> {
    const all = await this.#objects.workers.readAll();
    return Promise.all(all.map(({ record }) => this.#objects.know(record)));
  }

  async update(
    workerId: string,
    change: (record: WorkerRecord) => WorkerRecord | undefined,
  ): Promise<WorkerRecord | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      const stored = await this.#stored(workerId);
      if (stored === undefined) return undefined;
      const { record } = await this.#objects.know(stored.record);
      const changed = change(record);
      if (changed === undefined) return record;
      try {
        return (await this.#objects.workers.write(workerId, changed, stored.version)).record;
      } catch (error) {
        if (!(error instanceof VersionConflictError) || attempt === UPDATES) throw error;
      }
    }
  }

  async bindJob(workerId: string, jobId: JobId): Promise<void> {
    await this.update(workerId, (record) =>
      isTerminal(record.state) ? undefined : { ...record, jobId, process: null },
    );
  }

  sweep(): Promise<void> {
    return sweepWorkers(this.#objects);
  }

  /** An id that was given out and has no record is in the table; its version is null: there is no object yet. */
  async #stored(workerId: string) {
    const current = await this.#objects.workers.read(workerId);
    if (current !== undefined) return current;
    const expiresAt = await this.#slots.expiryOf(workerId);
    if (expiresAt !== undefined) return { record: newWorkerRecord(workerId, expiresAt), version: null };
    // It may have ended between the two looks, and have been dropped from the table.
    return this.#objects.workers.read(workerId);
  }
}
