import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { type ObjectStore, VersionConflictError } from '../../ports/object-store.ts';
import { VersionedObjects } from '../records/versioned-objects.ts';

const workerHolderSchema = z.object({
  workerId: z.uuid(),
  /** When the reservation expires. */
  until: z.iso.datetime(),
});

const jobHolderSchema = z.object({
  jobId: z.uuid(),
  /** Until when it must have begun. */
  until: z.iso.datetime(),
});

const holderSchema = z.union([jobHolderSchema, workerHolderSchema]);
const tableSchema = z.object({ version: z.literal(1), holders: z.array(holderSchema) });

export type WorkerHolder = z.infer<typeof workerHolderSchema>;
export type JobHolder = z.infer<typeof jobHolderSchema>;
/** A worker id, until it ends or its digit job begins; or a digit job that has begun or is about to. */
export type SlotHolder = z.infer<typeof holderSchema>;

/** Every process can try so often: each failure means that another one's change was made. */
const ATTEMPTS = 100;
const PAUSE_MS = 20;

/**
 * Who may hold a slot: one object, `state/slots`, changed on condition that it is as it was read. That makes granting a slot one step,
 * however many processes grant at once.
 */
export class SlotTable {
  readonly #objects: VersionedObjects<z.infer<typeof tableSchema>>;

  constructor(store: ObjectStore) {
    this.#objects = new VersionedObjects(store, 'state/', (value) => tableSchema.parse(value));
  }

  async read(): Promise<readonly SlotHolder[]> {
    return (await this.#objects.read('slots'))?.record.holders ?? [];
  }

  /** `change` may be called several times; undefined from it leaves the table as it is. */
  async change(
    change: (holders: readonly SlotHolder[]) => Promise<readonly SlotHolder[] | undefined>,
  ): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const current = await this.#objects.read('slots');
      const holders = await change(current?.record.holders ?? []);
      if (holders === undefined) return;
      try {
        await this.#objects.write('slots', { version: 1, holders: [...holders] }, current?.version ?? null);
        return;
      } catch (error) {
        if (!(error instanceof VersionConflictError) || attempt === ATTEMPTS) throw error;
      }
      // The jitter keeps two that change it from knocking in step.
      await delay(PAUSE_MS * Math.random());
    }
  }
}
