import { isTerminal } from '../../job/job-state.ts';
import { fateOf, workerHoldsSlot } from '../../job/rules/worker-rules.ts';
import { type ObjectStore, VersionConflictError } from '../../ports/object-store.ts';
import { newWorkerRecord, type WorkerRecord, workerRecordSchema } from '../../workers/worker-record.ts';
import { type KnownWorker, settledAs } from '../../workers/worker-registry.ts';
import { type DigitRecord, digitRecordSchema, toDigitJob } from '../records/digit-record.ts';
import { RecordStore } from '../records/record-store.ts';
import { VersionedObjects } from '../records/versioned-objects.ts';
import { isLeaseGood, type Lease, leasesIn } from './object-lease.ts';
import type { WorkerHolder } from './slot-table.ts';

/** What an object store knows of worker ids: their records, the signs of life of their processes, the jobs that they were used for. */
export class WorkerObjects {
  readonly workers: VersionedObjects<WorkerRecord>;
  readonly leases: VersionedObjects<Lease>;
  readonly jobs: RecordStore<DigitRecord>;
  readonly #ownProcess: string | undefined;

  /** `ownProcess` lives, whatever its lease says: it is the one that asks. */
  constructor(store: ObjectStore, ownProcess?: string) {
    this.workers = new VersionedObjects(store, 'workers/', (value) => workerRecordSchema.parse(value));
    this.leases = leasesIn(store);
    this.jobs = new RecordStore(store, 'digits', digitRecordSchema);
    this.#ownProcess = ownProcess;
  }

  /** The record with what is known besides. */
  async know(stored: WorkerRecord): Promise<KnownWorker> {
    const { process, workerId, jobId, state } = stored;
    const isOpen = process !== null && !isTerminal(state);
    const lease = isOpen ? (await this.leases.read(process))?.record : undefined;
    const isAlive = process === this.#ownProcess || isLeaseGood(lease, Date.now());
    const told = lease?.transfers[workerId];
    const record = settledAs(stored, fateOf(stored, Date.now(), isAlive), told);
    const job = jobId === null ? undefined : (await this.jobs.read(jobId))?.record;
    return { record, told, job: job && toDigitJob(job) };
  }

  /** Does the id hold its slot still? What time and death have ended is put down first: its process, if it lives after all, learns of it. */
  async isHolding(holder: WorkerHolder): Promise<boolean> {
    const current = await this.workers.read(holder.workerId);
    const stored = current?.record ?? newWorkerRecord(holder.workerId, holder.until);
    const { record, job } = await this.know(stored);
    const state = job?.state ?? record.state;
    if (isTerminal(state) && !isTerminal(stored.state)) {
      const ended = { ...record, state, error: job?.error ?? record.error };
      try {
        await this.workers.write(holder.workerId, ended, current?.version ?? null);
      } catch (error) {
        if (!(error instanceof VersionConflictError)) throw error;
        return this.isHolding(holder);
      }
    }
    const jobRecord = job === undefined ? undefined : (await this.jobs.read(job.id))?.record;
    return workerHoldsSlot({ ...record, state }, jobRecord);
  }

  /** The smallest number of slots that a live process allows. */
  async limit(own: number): Promise<number> {
    const leases = await this.leases.readAll();
    const now = Date.now();
    return Math.min(
      own,
      ...leases.flatMap(({ record }) => (isLeaseGood(record, now) ? (record.maxConcurrentJobs ?? []) : [])),
    );
  }
}
