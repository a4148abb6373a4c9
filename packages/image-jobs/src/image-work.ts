import { randomUUID } from 'node:crypto';
import {
  isTerminal,
  type ObjectContent,
  type ObjectStore,
  RecordStore,
  VersionConflictError,
  type Versioned,
} from '@pi-jobs/core';
import { type ImageFacts, type ImageJob, imageJobSchema } from './image-job.ts';

/** An image whose workers die is given up after so many of them. */
export const MAX_ATTEMPTS = 5;
/** The image is stored after the record: for so long a missing one may still be on its way. */
const INPUT_GRACE_MS = 5 * 60 * 1000;

/** An image job in a worker's hands. Exactly one of `complete`, `fail` and `giveBack` ends it; each is false when the job was no longer this worker's. */
export interface ImageClaim {
  readonly job: ImageJob;
  /** Puts the image into the new file `path`, for reading only. False when it is not in the store. */
  copyInputTo(path: string, signal: AbortSignal): Promise<boolean>;
  /** Is the job still this worker's? It is not after a client has terminated it, or when another worker has taken it up. */
  isMine(): Promise<boolean>;
  complete(result: ObjectContent, facts: ImageFacts): Promise<boolean>;
  fail(message: string): Promise<boolean>;
  /** Back into the line. `isAttempt`: the job itself may be to blame, and is given up when that happens too often. */
  giveBack(options: { readonly isAttempt: boolean }): Promise<boolean>;
}

/** Image jobs as workers see them. Every step is right when it is done again by another worker. */
export class ImageWork {
  readonly #store: ObjectStore;
  readonly #records: RecordStore<ImageJob>;

  constructor(store: ObjectStore) {
    this.#store = store;
    this.#records = new RecordStore(store, 'image', imageJobSchema);
  }

  /** Takes the job up, from whoever had it before. Undefined when nothing is to be done: it has ended, or there is no such job. */
  async begin(id: string): Promise<ImageClaim | undefined> {
    for (;;) {
      const current = await this.#records.read(id);
      if (current === undefined || isTerminal(current.record.state)) return undefined;
      try {
        const { record } = current;
        if (record.attempts >= MAX_ATTEMPTS) {
          await this.#records.replace(current, ended(record, givenUp(record.attempts)));
          return undefined;
        }
        const now = new Date().toISOString();
        const taken = await this.#records.replace(current, {
          ...record,
          state: 'running',
          startedAt: record.startedAt ?? now,
          messageAt: now,
          attempts: record.attempts + 1,
          token: randomUUID(),
        });
        return new Claim(this.#store, this.#records, taken);
      } catch (error) {
        // Somebody else has changed it: look again.
        if (!(error instanceof VersionConflictError)) throw error;
      }
    }
  }

  /** Puts a job down as failed whose messages ended nowhere. */
  async bury(id: string): Promise<void> {
    await this.#records.update(id, (job) =>
      isTerminal(job.state) ? undefined : ended(job, givenUp(job.attempts)),
    );
  }
}

class Claim implements ImageClaim {
  readonly #store: ObjectStore;
  readonly #records: RecordStore<ImageJob>;
  readonly #taken: Versioned<ImageJob>;

  constructor(store: ObjectStore, records: RecordStore<ImageJob>, taken: Versioned<ImageJob>) {
    this.#store = store;
    this.#records = records;
    this.#taken = taken;
  }

  get job(): ImageJob {
    return this.#taken.record;
  }

  async copyInputTo(path: string, signal: AbortSignal): Promise<boolean> {
    const isThere = await this.#store.copyTo(`input/${this.job.id}`, path, { signal });
    if (!isThere && Date.now() - Date.parse(this.job.createdAt) < INPUT_GRACE_MS) {
      throw new Error(`the image of job ${this.job.id} is not there yet`);
    }
    return isThere;
  }

  async isMine(): Promise<boolean> {
    return (await this.#records.read(this.job.id))?.record.token === this.job.token;
  }

  /** The result is there before the record says so; a crash between leaves a result that the next attempt writes again, the same. */
  async complete(result: ObjectContent, facts: ImageFacts): Promise<boolean> {
    await this.#store.put(`output/${this.job.id}`, result, { contentType: facts.contentType });
    const finishedAt = new Date().toISOString();
    const done = { state: 'completed', finishedAt, output: facts, error: null, token: null } as const;
    return this.#change({ ...this.job, ...done });
  }

  async fail(message: string): Promise<boolean> {
    return this.#change(ended(this.job, message));
  }

  async giveBack({ isAttempt }: { readonly isAttempt: boolean }): Promise<boolean> {
    const { attempts } = this.job;
    if (isAttempt && attempts >= MAX_ATTEMPTS) return this.fail(givenUp(attempts));
    return this.#change({
      ...this.job,
      state: 'queued',
      messageAt: new Date().toISOString(),
      token: null,
      attempts: isAttempt ? attempts : attempts - 1,
    });
  }

  /** Mostly nobody has changed it meanwhile. If so, by the token and not by the version: a write whose answer was lost has changed that too. */
  async #change(next: ImageJob): Promise<boolean> {
    const { token } = this.job;
    try {
      await this.#records.replace(this.#taken, next);
      return true;
    } catch (error) {
      if (!(error instanceof VersionConflictError)) throw error;
    }
    const updated = await this.#records.update(this.job.id, (job) =>
      job.token === token ? next : undefined,
    );
    return updated?.isChanged === true;
  }
}

function ended(job: ImageJob, error: string): ImageJob {
  return { ...job, state: 'failed', finishedAt: new Date().toISOString(), error, token: null };
}

function givenUp(attempts: number): string {
  return `given up: ${attempts} attempts ended without a result`;
}
