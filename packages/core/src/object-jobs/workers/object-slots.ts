import type { ObjectStore } from '../../ports/object-store.ts';
import type { SlotCount } from '../../ports/worker-slots.ts';
import type { WorkerRecord } from '../../workers/worker-record.ts';
import { JobLine } from '../line/job-line.ts';
import type { DigitRecord } from '../records/digit-record.ts';
import { Grouped } from './grouped.ts';
import { isJobHolding } from './running-jobs.ts';
import { type JobHolder, type SlotHolder, SlotTable } from './slot-table.ts';
import type { WorkerObjects } from './worker-objects.ts';

/** A job that got a slot begins within this time, or has lost it. */
const BEGIN_MS = 10_000;

export interface ObjectSlotsOptions {
  /** What this process allows, no bound by default; of all that live the smallest counts. */
  readonly maxConcurrentJobs?: number;
  /** How long it may be unknown that another process allows more or fewer, in milliseconds; 0 by default. */
  readonly limitKeptMs?: number;
}

export interface NextInLine {
  readonly isEmpty: boolean;
  /** Each has a slot now, and must begin before long. */
  readonly called: readonly DigitRecord[];
}

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
  readonly #line: JobLine;
  readonly #maxConcurrentJobs: number;
  readonly #limitKeptMs: number;
  readonly #counts = new Grouped(() => this.#count());
  readonly #grants = new Grouped(() => this.#grantWaiting());
  #waiting: Waiting[] = [];
  #limit: Promise<number> = Promise.resolve(0);
  #limitReadAt = Number.NEGATIVE_INFINITY;

  constructor(store: ObjectStore, objects: WorkerObjects, options: ObjectSlotsOptions = {}) {
    this.#table = new SlotTable(store);
    this.#objects = objects;
    this.#line = new JobLine(store, objects.jobs);
    this.#maxConcurrentJobs = options.maxConcurrentJobs ?? Number.POSITIVE_INFINITY;
    this.#limitKeptMs = options.limitKeptMs ?? 0;
  }

  /** Those who ask at once are granted together, in one change of the table. */
  async grant(reservation: WorkerRecord): Promise<boolean> {
    const one: Waiting = { reservation, isGranted: false };
    this.#waiting.push(one);
    await this.#grants.run();
    return one.isGranted;
  }

  /**
   * Gives a digit job the slot that it was called for or that its worker id kept for it, or else a free one when it is its turn. Resolves
   * with until when it must have begun, or undefined when it has to wait.
   */
  async grantJob(job: DigitRecord): Promise<number | undefined> {
    let until: number | undefined;
    await this.#table.change(async (holders) => {
      until = undefined;
      const own = holders.filter((one) => isForJob(one, job));
      const { limit, holding } = await this.#survey(holders.filter((one) => !isForJob(one, job)));
      const free = limit - holding.length;
      if (!(await this.#holdsAny(own)) && !(await this.#isTurnOf(job, free, holding))) return undefined;
      until = Date.now() + BEGIN_MS;
      return [...holding, holderFor(job, until)];
    });
    return until;
  }

  /** Gives what is free to those who wait longest and need to be called, and names them. Costs one request when nobody waits. */
  async grantNext(): Promise<NextInLine> {
    if (await this.#line.isEmpty()) return { isEmpty: true, called: [] };
    let called: DigitRecord[] = [];
    await this.#table.change(async (holders) => {
      const { limit, holding } = await this.#survey(holders);
      called = await this.#firstInLine(limit - holding.length, holding);
      if (called.length === 0) return undefined;
      const until = Date.now() + BEGIN_MS;
      return [...holding, ...called.map((job) => holderFor(job, until))];
    });
    return { isEmpty: false, called };
  }

  /** The work that was granted a slot until then has ended, whatever the end: the slot is free at once. */
  async release(jobId: string, until: number): Promise<void> {
    const released = holderFor({ id: jobId }, until);
    await this.#table.change(async (holders) => {
      const isReleased = (one: SlotHolder): boolean =>
        'jobId' in one && one.jobId === jobId && one.until === released.until;
      const others = holders.filter((one) => !isReleased(one));
      return others.length === holders.length ? undefined : others;
    });
  }

  count(): Promise<SlotCount> {
    return this.#counts.run();
  }

  /** When the reservation expires, if the id is one that was given out. */
  async expiryOf(workerId: string): Promise<string | undefined> {
    return (await this.#table.read()).find((one) => 'workerId' in one && one.workerId === workerId)?.until;
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
      return [
        ...holding,
        ...added.map(({ reservation: { workerId, expiresAt } }) => ({ workerId, until: expiresAt })),
      ];
    });
    for (const one of granted) one.isGranted = true;
  }

  async #count(): Promise<SlotCount> {
    const { limit, holding } = await this.#survey(await this.#table.read());
    return { limit, free: Math.max(0, limit - holding.length) };
  }

  async #survey(holders: readonly SlotHolder[]): Promise<Survey> {
    const [limit, ...isHolding] = await Promise.all([
      this.#readLimit(),
      ...holders.map((holder) => this.#isHolding(holder)),
    ]);
    return { limit, holding: holders.filter((_, index) => isHolding[index]) };
  }

  #isHolding(holder: SlotHolder): Promise<boolean> {
    return 'jobId' in holder
      ? isJobHolding(holder, this.#objects.jobs, this.#line)
      : this.#objects.isHolding(holder);
  }

  /** A job that was called, or whose worker died, has its slot as long as it is in the table: whoever is given it drops it there. */
  async #holdsAny(own: readonly SlotHolder[]): Promise<boolean> {
    for (const one of own) if ('jobId' in one || (await this.#objects.isHolding(one))) return true;
    return false;
  }

  /** Do fewer wait before it than there are slots? */
  async #isTurnOf(job: DigitRecord, free: number, holding: readonly SlotHolder[]): Promise<boolean> {
    if (free <= 0 || free === Number.POSITIVE_INFINITY) return free > 0;
    const mine = this.#line.placeOf(job);
    let before = 0;
    for await (const { place } of this.#line.waiting(jobsOf(holding))) {
      if (place >= mine) return true;
      before += 1;
      if (before >= free) return false;
    }
    return true;
  }

  async #firstInLine(free: number, holding: readonly SlotHolder[]): Promise<DigitRecord[]> {
    if (free <= 0) return [];
    const first: DigitRecord[] = [];
    let looked = 0;
    for await (const { record, needsCall } of this.#line.waiting(jobsOf(holding))) {
      if (needsCall) first.push(record);
      looked += 1;
      if (looked >= free) break;
    }
    return first;
  }

  #readLimit(): Promise<number> {
    const now = performance.now();
    if (now - this.#limitReadAt >= this.#limitKeptMs) {
      this.#limitReadAt = now;
      this.#limit = this.#objects.limit(this.#maxConcurrentJobs);
      this.#limit.catch(() => {
        this.#limitReadAt = Number.NEGATIVE_INFINITY;
      });
    }
    return this.#limit;
  }
}

function isOf({ workerId }: WorkerRecord): (holder: SlotHolder) => boolean {
  return (holder) => 'workerId' in holder && holder.workerId === workerId;
}

/** The slot is the job's: it was called, or its worker id kept it. */
function isForJob(holder: SlotHolder, { id, workerId, keepsSlot }: DigitRecord): boolean {
  return 'jobId' in holder ? holder.jobId === id : keepsSlot && holder.workerId === workerId;
}

function holderFor({ id }: Pick<DigitRecord, 'id'>, until: number): JobHolder {
  return { jobId: id, until: new Date(until).toISOString() };
}

function jobsOf(holding: readonly SlotHolder[]): Set<string> {
  return new Set(holding.flatMap((one) => ('jobId' in one ? one.jobId : [])));
}
