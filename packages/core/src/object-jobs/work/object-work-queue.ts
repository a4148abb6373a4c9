import { randomUUID } from 'node:crypto';
import { isTerminal } from '../../job/job-state.ts';
import { isOwnedBy, planClaim } from '../../job/rules/claim-rules.ts';
import { type ObjectStore, VersionConflictError } from '../../ports/object-store.ts';
import type { ClaimedJob, ClaimOptions, WorkQueue } from '../../ports/work-queue.ts';
import { certainOf, listParts, prefixOfParts, readParts } from '../digits/digit-parts.ts';
import { readLongest } from '../digits/longest-result-object.ts';
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
/** Another worker has it, or it waits for a slot: the message comes again when that one may have died, or another may be free. */
const BUSY_SECONDS = 5;
/** A dead letter does not bury a job that somebody has worked on so lately. */
const BURIAL_MS = 60_000;

/**
 * Digit jobs for one worker. Messages bring them: `handle` takes a job up and keeps its message until the work has ended; `claim`
 * hands it to whoever computes.
 */
export class ObjectWorkQueue implements WorkQueue {
  /** Called when there is something to claim. */
  onArrival: () => void = () => undefined;
  readonly #store: ObjectStore;
  readonly #records: RecordStore<DigitRecord>;
  readonly #slots: ObjectSlots;
  readonly #claims = new Set<ObjectClaim>();
  #waiting: ObjectClaim[] = [];

  constructor(store: ObjectStore) {
    this.#store = store;
    this.#records = new RecordStore(store, 'digits', digitRecordSchema);
    this.#slots = new ObjectSlots(store, new WorkerObjects(store));
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
    const claim = await this.#begin(id);
    if (claim === undefined) return 'done';
    if (claim === 'busy') return { againInSeconds: BUSY_SECONDS };
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
      return await claim.ended;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#claims.delete(claim);
    }
  }

  /** Puts a job down as failed whose messages ended nowhere. */
  async bury(id: string): Promise<void> {
    await this.#records.update(id, (record) =>
      isTerminal(record.state) || isWorkedOn(record, BURIAL_MS) || isWaitingForSlot(record)
        ? undefined
        : atRest(record, 'failed', givenUp(record.attempts)),
    );
  }

  async #begin(id: string): Promise<ObjectClaim | 'busy' | undefined> {
    const token = randomUUID();
    for (;;) {
      const current = await this.#records.read(id);
      if (current === undefined) return undefined;
      const { record } = current;
      // An earlier attempt was written, and only its answer got lost.
      if (isOwnedBy(record, token)) return this.#claimOf(record);
      const view = { ...record, isWorkerAlive: isWorkedOn(record), hasResult: false };
      const plan = planClaim(view, MAX_ATTEMPTS);
      if (plan.does === 'leave') return plan.isHeld ? 'busy' : undefined;
      try {
        if (plan.does === 'run') return await this.#takeUp(current, token);
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

  async #takeUp(current: Versioned<DigitRecord>, token: string): Promise<ObjectClaim | 'busy'> {
    const { id, workerId, keepsSlot } = current.record;
    const mustBegin =
      workerId === null || keepsSlot ? Number.POSITIVE_INFINITY : await this.#slots.grantAnew(workerId);
    if (mustBegin === undefined) return 'busy';
    const { record } = await this.#records.replace(current, takenUp(current.record, token));
    if (Date.now() < mustBegin) return this.#claimOf(record);
    // It took so long that the slot may be somebody else's.
    await this.#records.update(id, (now) =>
      isOwnedBy(now, token) ? atRest(now, 'queued', null) : undefined,
    );
    return 'busy';
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

function takenUp(record: DigitRecord, token: string): DigitRecord {
  const now = new Date().toISOString();
  return {
    ...record,
    state: 'running',
    startedAt: record.startedAt ?? now,
    messageAt: now,
    attempts: record.attempts + 1,
    token,
    keepsSlot: false,
    error: null,
  };
}

/** It is in line for a slot, and its message is sent anew from time to time. */
function isWaitingForSlot({ state, workerId }: DigitRecord): boolean {
  return state === 'queued' && workerId !== null;
}

function givenUp(attempts: number): string {
  return `given up: ${attempts} attempts ended at the same place`;
}
