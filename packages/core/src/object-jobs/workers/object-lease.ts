import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ignoreStorageCondition } from '../../files/errno.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import type { TransferProgress } from '../../ports/worker-slots.ts';
import { transferProgressSchema } from '../../workers/transfer-progress.ts';
import { VersionedObjects } from '../records/versioned-objects.ts';

/** While transfers move, the sign of life is renewed each second; a process that only waits renews it less often. */
const BUSY_RENEWAL_MS = 1_000;
const IDLE_RENEWAL_MS = 5_000;
/** Renewals that may fail in a row before others take the process for dead. */
const MISSED_RENEWALS = 5;
/** Renewals within which one must be answered: it would keep all that follow from being asked. */
const ANSWERED_IN = 2;
const LOOK_MS = 250;

const leaseSchema = z.object({
  version: z.literal(1),
  process: z.uuid(),
  /** Good until then by its own clock; it renews it long before. */
  until: z.iso.datetime(),
  /** Slots that it allows; of all that live the smallest counts. */
  maxConcurrentJobs: z.int().positive().optional(),
  /** Of a calculator: the largest `num` that it has the memory for. */
  mostDigits: z.int().positive().optional(),
  /** Progress of the transfers it carries out, by worker id. */
  transfers: z.record(z.string(), transferProgressSchema),
});

export type Lease = z.infer<typeof leaseSchema>;

/** The signs of life, an object each at `leases/<process>`. */
export function leasesIn(store: ObjectStore): VersionedObjects<Lease> {
  return new VersionedObjects(store, 'leases/', (value) => leaseSchema.parse(value));
}

/** By two machines' clocks: one that is wrong costs a transfer its slot or its slot some seconds; the transfer learns of it and ends. */
export function isLeaseGood(lease: Lease | undefined, now: number): boolean {
  return lease !== undefined && Date.parse(lease.until) > now;
}

/** What a process says of itself for as long as it lives. */
export interface ObjectLeaseFacts {
  readonly maxConcurrentJobs?: number;
  readonly mostDigits?: number;
}

/** The sign of life of this process. */
export class ObjectLease {
  readonly processId: string = randomUUID();
  readonly #store: ObjectStore;
  readonly #facts: ObjectLeaseFacts;
  readonly #transfers = new Map<string, TransferProgress>();
  #renewedAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;

  constructor(store: ObjectStore, facts: ObjectLeaseFacts) {
    this.#store = store;
    this.#facts = facts;
  }

  async start(): Promise<void> {
    await this.#write();
    this.#timer = setInterval(() => this.#renew(), LOOK_MS);
  }

  setTransfer(workerId: string, progress: TransferProgress): void {
    const isFirst = this.#transfers.size === 0;
    this.#transfers.set(workerId, progress);
    if (isFirst) this.#renew();
  }

  clearTransfer(workerId: string): void {
    this.#transfers.delete(workerId);
  }

  /** What it still carries out has failed. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
    await this.#store.delete(`leases/${this.processId}`).catch(ignoreStorageCondition);
  }

  #renew(): void {
    if (performance.now() - this.#renewedAt < this.#renewalMs) return;
    // One that fails, or is not answered, is made up for by the next; if none succeeds in time the lease is lost, as it should be.
    this.#writing ??= this.#write(AbortSignal.timeout(this.#renewalMs * ANSWERED_IN))
      .catch(() => undefined)
      .finally(() => {
        this.#writing = undefined;
      });
  }

  get #renewalMs(): number {
    return this.#transfers.size > 0 ? BUSY_RENEWAL_MS : IDLE_RENEWAL_MS;
  }

  async #write(signal?: AbortSignal): Promise<void> {
    this.#renewedAt = performance.now();
    const lease: Lease = {
      version: 1,
      process: this.processId,
      until: new Date(Date.now() + this.#renewalMs * MISSED_RENEWALS).toISOString(),
      ...this.#facts,
      transfers: Object.fromEntries(this.#transfers),
    };
    const content = Buffer.from(`${JSON.stringify(lease)}\n`);
    await this.#store.put(`leases/${this.processId}`, content, signal === undefined ? {} : { signal });
  }
}
