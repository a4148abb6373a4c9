import type { Capacity } from '../../ports/capacity.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import type { VersionedObjects } from '../records/versioned-objects.ts';
import { isLeaseGood, type Lease, leasesIn } from './object-lease.ts';

/** A calculator that starts is known this much later at most. */
const KEPT_MS = 5_000;

/** What the calculators of an object store tell in their signs of life. */
export class ObjectCapacity implements Capacity {
  readonly #leases: VersionedObjects<Lease>;
  #readAt = Number.NEGATIVE_INFINITY;
  #mostDigits: Promise<number | undefined> = Promise.resolve(undefined);

  constructor(store: ObjectStore) {
    this.#leases = leasesIn(store);
  }

  async mostDigits(): Promise<number | undefined> {
    if (performance.now() - this.#readAt >= KEPT_MS) {
      this.#readAt = performance.now();
      // Not known for a while is no reason to refuse a job: its calculator will say the same.
      this.#mostDigits = this.#read().catch(() => undefined);
    }
    return this.#mostDigits;
  }

  async #read(): Promise<number | undefined> {
    const now = Date.now();
    const told = (await this.#leases.readAll()).flatMap(({ record }) =>
      isLeaseGood(record, now) && record.mostDigits !== undefined ? record.mostDigits : [],
    );
    return told.length === 0 ? undefined : Math.max(...told);
  }
}
