import type { ObjectStore } from '../../ports/object-store.ts';
import type { SlotCount } from '../../ports/worker-slots.ts';
import type { WorkerRecord } from '../../workers/worker-record.ts';
import { Grouped } from './grouped.ts';
import { type SlotHolder, SlotTable } from './slot-table.ts';
import type { WorkerObjects } from './worker-objects.ts';

/** A job that got a slot anew begins within this time, or has lost it. */
const BEGIN_MS = 30_000;

interface Waiting {
  readonly reservation: WorkerRecord;
  isGranted: boolean;
}

interface Survey {
  readonly limit: number;
  readonly holding: SlotHolder[];
}

/** The slots of all processes that share an object store. Who holds one is looked up at each grant, so that none can leak. */
export class ObjectSlots {
  readonly #table: SlotTable;
  readonly #objects: WorkerObjects;
  readonly #maxConcurrentJobs: number;
  readonly #counts = new Grouped(() => this.#count());
  readonly #grants = new Grouped(() => this.#grantWaiting());
  #waiting: Waiting[] = [];

  /** `maxConcurrentJobs`: what this process allows; of all that live the smallest counts. */
  constructor(store: ObjectStore, objects: WorkerObjects, maxConcurrentJobs = Number.POSITIVE_INFINITY) {
    this.#table = new SlotTable(store);
    this.#objects = objects;
    this.#maxConcurrentJobs = maxConcurrentJobs;
  }

  /** Those who ask at once are granted together, in one change of the table. */
  async grant(reservation: WorkerRecord): Promise<boolean> {
    const one: Waiting = { reservation, isGranted: false };
    this.#waiting.push(one);
    await this.#grants.run();
    return one.isGranted;
  }

  /** Gives a digit job a slot that gave its own back; resolves with until when it must have begun, or undefined when none is free. */
  async grantAnew(workerId: string): Promise<number | undefined> {
    let until: number | undefined;
    await this.#table.change(async (holders) => {
      until = undefined;
      const { limit, holding } = await this.#survey(holders.filter((one) => one.workerId !== workerId));
      if (holding.length >= limit) return undefined;
      until = Date.now() + BEGIN_MS;
      return [...holding, { workerId, until: new Date(until).toISOString(), isAnew: true }];
    });
    return until;
  }

  count(): Promise<SlotCount> {
    return this.#counts.run();
  }

  /** When the reservation expires, if the id is one that was given out. */
  async expiryOf(workerId: string): Promise<string | undefined> {
    return (await this.#table.read()).find((one) => one.workerId === workerId)?.until;
  }

  async #grantWaiting(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    let granted: Waiting[] = [];
    await this.#table.change(async (holders) => {
      const { limit, holding } = await this.#survey(holders);
      // Those of an earlier attempt whose answer got lost are there already.
      const there = waiting.filter(({ reservation }) => holding.some(isOf(reservation)));
      const others = waiting.filter((one) => !there.includes(one));
      const added = others.slice(0, Math.max(0, limit - holding.length));
      granted = [...there, ...added];
      if (added.length === 0 && holding.length === holders.length) return undefined;
      return [...holding, ...added.map(({ reservation }) => holderOf(reservation))];
    });
    for (const one of granted) one.isGranted = true;
  }

  async #count(): Promise<SlotCount> {
    const { limit, holding } = await this.#survey(await this.#table.read());
    return { limit, free: Math.max(0, limit - holding.length) };
  }

  async #survey(holders: readonly SlotHolder[]): Promise<Survey> {
    const isHolding = await Promise.all(holders.map((holder) => this.#objects.isHolding(holder)));
    return {
      limit: await this.#objects.limit(this.#maxConcurrentJobs),
      holding: holders.filter((_, index) => isHolding[index]),
    };
  }
}

function isOf({ workerId }: WorkerRecord): (holder: SlotHolder) => boolean {
  return (holder) => holder.workerId === workerId;
}

function holderOf({ workerId, expiresAt }: WorkerRecord): SlotHolder {
  return { workerId, until: expiresAt, isAnew: false };
}
