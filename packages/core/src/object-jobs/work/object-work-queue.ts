import { randomUUID } from 'node:crypto';
import { ignoreStorageCondition } from '../../files/errno.ts';
import { isTerminal } from '../../job/job-state.ts';
import { isOwnedBy, planClaim } from '../../job/rules/claim-rules.ts';
import type { MessageQueue } from '../../ports/message-queue.ts';
import { type ObjectStore, VersionConflictError } from '../../ports/object-store.ts';
import type { ClaimedJob, ClaimOptions, WorkQueue } from '../../ports/work-queue.ts';
import { certainOf, listParts, prefixOfParts, readParts } from '../digits/digit-parts.ts';
import { readLongest } from '../digits/longest-result-object.ts';
import { JobLine } from '../line/job-line.ts';
import { formatJobMessage } from '../messages/job-message.ts';
import type { Handling, MessageContext } from '../messages/message-worker.ts';
import { deletePrefix } from '../records/delete-prefix.ts';
import { atRest, type DigitRecord, digitRecordSchema, isWorkedOn } from '../records/digit-record.ts';
import { RecordStore } from '../records/record-store.ts';
import type { Versioned } from '../records/versioned-objects.ts';
import { ObjectSlots } from '../workers/object-slots.ts';
import { WorkerObjects } from '../workers/worker-objects.ts';
import { ObjectCheckpoints } from './object-checkpoints.ts';
import { ObjectClaim } from './object-claim.ts';

/** A job whose workers die at the same place is given up after so many of them. */
const MAX_ATTEMPTS = 10;
/** Another worker has it: the message comes again when that one may have died. */
const BUSY_SECONDS = 5;
/** A dead letter does not bury a job that somebody has worked on so lately. */
const BURIAL_MS = 60_000;
/** How often the line is looked at that was found empty: others see to those who join it. */
const EMPTY_LINE_MS = 5_000;
const LIMIT_KEPT_MS = 2_000;

/** A job in this worker's hands, and until when its slot was its own without a sign of life. */
interface Taken {
  readonly claim: ObjectClaim;
  readonly grantedUntil: number;
}

export interface ObjectWorkQueueOptions {
  /** Digit jobs that this process lets run at once on the whole store, no bound by default; of all that live the smallest counts. */
  readonly maxConcurrentJobs?: number;
}

/**
 * Digit jobs for one worker. Messages bring them: `handle` takes a job up, when there is a slot for it and its turn has come, and keeps
 * its message until the work has ended; `claim` hands it to whoever computes. A job that has to wait does so in the line, and its
 * message is sent anew, by `callNext`, when there is a slot.
 */
export class ObjectWorkQueue implements WorkQueue {
  /** Called when there is something to claim. */
  onArrival: () => void = () => undefined;
  readonly #store: ObjectStore;
  readonly #messages: Pick<MessageQueue, 'send'>;
  readonly #records: RecordStore<DigitRecord>;
  readonly #slots: ObjectSlots;
  readonly #line: JobLine;
  readonly #claims = new Set<ObjectClaim>();
  #waiting: ObjectClaim[] = [];
  #lookAt = Number.NEGATIVE_INFINITY;

  constructor(
    store: ObjectStore,
    messages: Pick<MessageQueue, 'send'>,
    { maxConcurrentJobs = Number.POSITIVE_INFINITY }: ObjectWorkQueueOptions = {},
  ) {
    this.#store = store;
    this.#messages = messages;
    this.#records = new RecordStore(store, 'digits', digitRecordSchema);
    this.#line = new JobLine(store, this.#records);
    const options = { maxConcurrentJobs, limitKeptMs: LIMIT_KEPT_MS };
    this.#slots = new ObjectSlots(store, new WorkerObjects(store), options);
  }

  async claim({ fits }: ClaimOptions = {}): Promise<ClaimedJob | undefined> {
    const [next] = this.#waiting;
    if (next === undefined || fits?.(next.num) === false) return undefined;
    this.#waiting.shift();
    return next;
  }

  async checkRequests(): Promise<void> {
    await Promise.all([...this.#claims].map((claim) => claim.look()));
  }

  async close(): Promise<void> {
    for (const claim of this.#claims) claim.abandon();
  }

  /** For the message of a digit job: resolves when its work here has ended. */
  async handle(id: string, { signal }: MessageContext): Promise<Handling> {
    const taken = await this.#begin(id);
    if (taken === undefined) return 'done';
    if (taken === 'busy') return { againInSeconds: BUSY_SECONDS };
    const { claim, grantedUntil } = taken;
    const onAbort = (): void => {
      const isUntouched = this.#waiting.includes(claim);
      this.#waiting = this.#waiting.filter((other) => other !== claim);
      if (isUntouched) void claim.settle().catch(() => undefined);
      // When this worker stops the one who computes ends the claim; a message that is lost ends it here.
      else if (signal.reason?.reason === 'lost') claim.stop('lost');
    };
    this.#claims.add(claim);
    this.#waiting.push(claim);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    this.onArrival();
    try {
      const { handling, isOurs } = await claim.ended;
      if (isOurs) await this.#giveSlotBack(id, grantedUntil, signal);
      return handling;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#claims.delete(claim);
    }
  }

  /**
   * Sends the messages of those for whom there is a slot now. For whoever has room for work, often: what is free because its holder
   * ended elsewhere, or died, shows in no other way. Costs nothing most of the time while nobody waits.
   */
  async callNext(): Promise<void> {
    if (performance.now() < this.#lookAt) return;
    this.#lookAt = performance.now() + EMPTY_LINE_MS;
    const { isEmpty, called } = await this.#slots.grantNext();
    if (!isEmpty) this.#lookAt = Number.NEGATIVE_INFINITY;
    for (const { id } of called) await this.#messages.send(formatJobMessage('digits', id));
  }

  /** Jobs that wait for a slot, whose messages were taken from the queue. */
  async parkedIds(): Promise<ReadonlySet<string>> {
    return this.#line.parkedIds();
  }

  /** Puts a job down as failed whose messages ended nowhere. */
  async bury(id: string): Promise<void> {
    const record = (await this.#records.read(id))?.record;
    // Its message was taken from the queue on purpose; the dead one is another.
    if (record === undefined || (await this.#line.isParked(record))) return;
    await this.#records.update(id, (now) =>
      isTerminal(now.state) || isWorkedOn(now, BURIAL_MS)
        ? undefined
        : atRest(now, 'failed', givenUp(now.attempts)),
    );
  }

  async #begin(id: string): Promise<Taken | 'busy' | undefined> {
    const token = randomUUID();
    for (let grantedUntil = 0; ; ) {
      const current = await this.#records.read(id);
      if (current === undefined) return undefined;
      const { record } = current;
      // An earlier attempt was written, and only its answer got lost.
      if (isOwnedBy(record, token)) return this.#taken(record, grantedUntil);
      const view = { ...record, isWorkerAlive: isWorkedOn(record), hasResult: false };
      const plan = planClaim(view, MAX_ATTEMPTS);
      if (plan.does !== 'run' && grantedUntil > 0) await this.#slots.release(id, grantedUntil);
      if (plan.does === 'leave') return plan.isHeld ? 'busy' : undefined;
      try {
        if (plan.does === 'run') {
          // Much may happen to the job while a slot is looked for: it is looked at again.
          if (Date.now() >= grantedUntil) {
            const until = await this.#slots.grantJob(record);
            if (until === undefined) return await this.#park(current);
            grantedUntil = until;
            continue;
          }
          const claimed = await this.#records.replace(current, takenUp(record, token, grantedUntil));
          return await this.#taken(claimed.record, grantedUntil);
        }
        const error = plan.to === 'failed' ? givenUp(record.attempts) : null;
        await this.#records.replace(current, atRest(record, plan.to, error));
        if (isTerminal(plan.to)) await this.#removeWork(id);
        return undefined;
      } catch (error) {
        // Somebody else has changed it: look again.
        if (!(error instanceof VersionConflictError)) throw error;
      }
    }
  }

  /** It waits in the line, and needs its message no more. */
  async #park(current: Versioned<DigitRecord>): Promise<undefined> {
    const { record } = current;
    // The line is of those that wait: what a dead worker left as running is put down first.
    if (record.state === 'running') await this.#records.replace(current, atRest(record, 'queued', null));
    await this.#line.park(record);
    this.#lookAt = Number.NEGATIVE_INFINITY;
  }

  async #taken(record: DigitRecord, grantedUntil: number): Promise<Taken | 'busy'> {
    const { id, token } = record;
    if (Date.now() >= grantedUntil) {
      // It took so long that the slot may be somebody else's.
      await this.#line.join(record);
      await this.#records.update(id, (now) =>
        isOwnedBy(now, token) ? atRest(now, 'queued', null) : undefined,
      );
      return 'busy';
    }
    // A place that cannot be removed now is removed by whoever looks at the line.
    await this.#line.leave(record).catch(() => undefined);
    return { claim: await this.#claimOf(record), grantedUntil };
  }

  /** What fails here is made up for: a slot that nobody holds is found free, a job without a message gets one. */
  async #giveSlotBack(id: string, grantedUntil: number, signal: AbortSignal): Promise<void> {
    try {
      const record = (await this.#records.read(id))?.record;
      // It keeps its place, also while its message is on its way.
      if (record?.state === 'queued') await this.#line.join(record);
      await this.#slots.release(id, grantedUntil);
      this.#lookAt = Number.NEGATIVE_INFINITY;
      if (!signal.aborted) await this.callNext();
    } catch (error) {
      ignoreStorageCondition(error);
    }
  }

  async #claimOf(record: DigitRecord): Promise<ObjectClaim> {
    const store = this.#store;
    const digitsThere = Math.min(record.num, certainOf(await listParts(store, record.id)));
    const longest = await readLongest(store);
    const isLongEnough = longest !== undefined && longest.num >= record.num;
    const sources = isLongEnough ? await listParts(store, longest.id) : [];
    const known =
      certainOf(sources) >= record.num
        ? readParts(store, sources, digitsThere, record.num - digitsThere)
        : undefined;
    return new ObjectClaim({ store, records: this.#records, record, digitsThere, known });
  }

  async #removeWork(id: string): Promise<void> {
    await deletePrefix(this.#store, prefixOfParts(id));
    await new ObjectCheckpoints(this.#store, id).clear();
  }
}

function takenUp(record: DigitRecord, token: string, slotUntil: number): DigitRecord {
  const now = new Date().toISOString();
  return {
    ...record,
    state: 'running',
    startedAt: record.startedAt ?? now,
    messageAt: now,
    attempts: record.attempts + 1,
    token,
    keepsSlot: false,
    slotUntil: new Date(slotUntil).toISOString(),
    error: null,
  };
}

function givenUp(attempts: number): string {
  return `given up: ${attempts} attempts ended at the same place`;
}
