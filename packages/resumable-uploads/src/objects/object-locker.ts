import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type ObjectStore,
  StoreUnavailableError,
  VersionConflictError,
  type Versioned,
  VersionedObjects,
} from '@pi-jobs/core';
import { ERRORS, type Lock, type Locker } from '@tus/server';
import { z } from 'zod';

export interface ObjectLockerOptions {
  /** Where the lock of an upload is. */
  readonly keyOf: (id: string) => string;
  /** A holder that gives no sign of life for so long has lost it, in milliseconds; 8000 by default. */
  readonly leaseMs?: number;
  /** Who does not get it within this time is refused, in milliseconds; 30,000 by default. */
  readonly timeoutMs?: number;
}

const holdSchema = z.object({
  version: z.literal(1),
  /** Null when it is free. */
  holder: z.uuid().nullable(),
  /** Good until then, by the holder's clock. */
  until: z.iso.datetime(),
  /** Somebody waits: the holder is to let go as soon as it can. */
  isWanted: z.boolean(),
});

type Hold = z.infer<typeof holdSchema>;

const LEASE_MS = 8_000;
const TIMEOUT_MS = 30_000;
const WAIT_MS = 200;

/**
 * Keeps requests to one upload apart, whichever instances they come to: a lease on an object, which is only ever written on condition
 * that it is as it was read.
 *
 *     free -> held (until), renewed -> held and wanted -> free, or held by the next when its time is over
 *
 * A holder looks several times within its lease, and gives up its request when somebody waits or when it has lost the lease.
 */
export class ObjectLocker implements Locker {
  readonly #options: Required<ObjectLockerOptions>;
  readonly #holds: VersionedObjects<Hold>;
  /** Those of this process that are held, by upload. */
  readonly #held = new Map<string, ObjectLock>();

  constructor(store: ObjectStore, options: ObjectLockerOptions) {
    this.#options = { leaseMs: LEASE_MS, timeoutMs: TIMEOUT_MS, ...options };
    this.#holds = new VersionedObjects(store, '', (value) => holdSchema.parse(value));
  }

  newLock(id: string): Lock {
    const lock = new ObjectLock(this.#holds, this.#options.keyOf(id), this.#options);
    return {
      lock: async (signal, requestRelease) => {
        await lock.lock(signal, requestRelease);
        this.#held.set(id, lock);
      },
      unlock: async () => {
        if (this.#held.get(id) === lock) this.#held.delete(id);
        await lock.unlock();
      },
    };
  }

  /** Throws when a request of this process no longer has the upload: the process stood still, or the store did not answer, for too long. */
  assertHeld(id: string): void {
    if (this.#held.get(id)?.isGood !== true) throw ERRORS.ERR_LOCK_TIMEOUT;
  }
}

class ObjectLock {
  readonly #holder = randomUUID();
  readonly #holds: VersionedObjects<Hold>;
  readonly #key: string;
  readonly #leaseMs: number;
  readonly #timeoutMs: number;
  readonly #released = new AbortController();
  #keeping: Promise<void> = Promise.resolve();
  /** By the clock of `performance`, which goes on while the process stands still. */
  #goodUntil = 0;

  constructor(holds: VersionedObjects<Hold>, key: string, options: Required<ObjectLockerOptions>) {
    this.#holds = holds;
    this.#key = key;
    this.#leaseMs = options.leaseMs;
    this.#timeoutMs = options.timeoutMs;
  }

  get isGood(): boolean {
    return performance.now() < this.#goodUntil;
  }

  /** `requestRelease` is called when the request that holds it is to end: somebody waits for it, or has it already. */
  async lock(signal: AbortSignal, requestRelease: () => Promise<void> | void): Promise<void> {
    const deadline = performance.now() + this.#timeoutMs;
    while (!(await this.#take())) {
      if (signal.aborted || performance.now() > deadline) throw ERRORS.ERR_LOCK_TIMEOUT;
      await delay(WAIT_MS, undefined, { signal }).catch(() => undefined);
    }
    this.#keeping = this.#keep(requestRelease);
  }

  /** Never rejects: who cannot say that it is free lets the lease run out. */
  async unlock(): Promise<void> {
    this.#released.abort();
    await this.#keeping;
    this.#goodUntil = 0;
    await this.#change((hold) => ({ ...hold, holder: null, isWanted: false })).catch(ignoreUnavailable);
  }

  /** False when another holder has it, who knows then that somebody waits. */
  async #take(): Promise<boolean> {
    const askedAt = performance.now();
    const now = await this.#holds.read(this.#key);
    const isFree = now === undefined || now.record.holder === null || !isGood(now.record);
    if (!isFree) {
      if (!now.record.isWanted) await this.#write({ ...now.record, isWanted: true }, now);
      return false;
    }
    if (!(await this.#write(this.#mine(), now))) return false;
    this.#goodUntil = askedAt + this.#leaseMs;
    return true;
  }

  /** Keeps the lease until it is released or lost. */
  async #keep(requestRelease: () => Promise<void> | void): Promise<void> {
    const { signal } = this.#released;
    while (!signal.aborted) {
      await delay(this.#leaseMs / 8, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        const renewedAt = performance.now();
        const kept = await this.#change((hold) => ({ ...this.#mine(), isWanted: hold.isWanted }));
        if (kept?.isWanted !== false) await requestRelease();
        this.#goodUntil = kept === undefined ? 0 : renewedAt + this.#leaseMs;
        if (kept === undefined) return;
      } catch {
        // A store that does not answer is asked again. A request takes a while to end, and when the lease is over another may begin.
        if (performance.now() > this.#goodUntil - this.#leaseMs / 2) await requestRelease();
        if (!this.isGood) return;
      }
    }
  }

  /** What it is then; undefined when it is no longer this holder's. */
  async #change(change: (hold: Hold) => Hold): Promise<Hold | undefined> {
    const updated = await this.#holds.update(this.#key, (hold) =>
      hold.holder === this.#holder ? change(hold) : undefined,
    );
    return updated?.isChanged === true ? updated.record : undefined;
  }

  /** False when somebody else was faster. */
  async #write(hold: Hold, now: Versioned<Hold> | undefined): Promise<boolean> {
    try {
      await this.#holds.write(this.#key, hold, now?.version ?? null);
      return true;
    } catch (error) {
      if (error instanceof VersionConflictError) return false;
      throw error;
    }
  }

  #mine(): Hold {
    const until = new Date(Date.now() + this.#leaseMs).toISOString();
    return { version: 1, holder: this.#holder, until, isWanted: false };
  }
}

function isGood({ until }: Hold): boolean {
  return Date.parse(until) > Date.now();
}

function ignoreUnavailable(error: unknown): void {
  if (!(error instanceof StoreUnavailableError || error instanceof VersionConflictError)) throw error;
}
