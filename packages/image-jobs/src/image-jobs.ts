import { randomUUIDv7 } from 'node:crypto';
import {
  canMove,
  formatJobMessage,
  InvalidCursorError,
  isTerminal,
  type JobState,
  listIdsNewestFirst,
  type MessageQueue,
  type ObjectStore,
  RecordStore,
  type StoredObject,
} from '@pi-jobs/core';
import { type ImageFacts, type ImageJob, imageJobSchema, isImageJobId } from './image-job.ts';

/** A filtered page looks at no more records than this, so that it takes bounded time however rare the state is. */
const RECORDS_PER_PAGE = 1_000;

export interface NewImageJob {
  readonly image: AsyncIterable<Uint8Array>;
  readonly facts: ImageFacts;
  /** Already checked; null for the default. */
  readonly operations: ImageJob['operations'];
}

export interface CreatedImageJob {
  readonly job: ImageJob;
  /** Why the job could not be queued; it is on record as failed then. */
  readonly failure?: unknown;
}

export interface ImageJobQuery {
  readonly limit: number;
  /** The id of the last job of an earlier page. */
  readonly cursor?: string;
  readonly state?: JobState;
}

export interface ImageJobPage {
  /** Newest first. */
  readonly jobs: readonly ImageJob[];
  readonly nextCursor: string | null;
}

export interface ImageOutput {
  readonly facts: ImageFacts;
  readonly object: StoredObject;
}

/**
 * Image jobs as clients see them.
 *
 *     record -> image -> message -> answer
 *
 * A crash before the answer leaves a job that its client was never told of: on record, and failed by the first worker that finds no
 * image, or worked on like any other when its message is sent anew.
 */
export class ImageJobs {
  readonly #store: ObjectStore;
  readonly #queue: Pick<MessageQueue, 'send'>;
  readonly #records: RecordStore<ImageJob>;

  constructor(store: ObjectStore, queue: Pick<MessageQueue, 'send'>) {
    this.#store = store;
    this.#queue = queue;
    this.#records = new RecordStore(store, 'image', imageJobSchema);
  }

  /** Rejects when not even the record could be written: nothing is left then. */
  async create({ image, facts, operations }: NewImageJob): Promise<CreatedImageJob> {
    const id = randomUUIDv7();
    const now = new Date().toISOString();
    const job: ImageJob = {
      version: 1,
      kind: 'image',
      id,
      state: 'queued',
      createdAt: now,
      startedAt: null,
      finishedAt: null,
      input: facts,
      operations,
      output: null,
      error: null,
      attempts: 0,
      token: null,
      messageAt: now,
    };
    await this.#records.create(job);
    try {
      await this.#store.put(`input/${id}`, image, { contentType: facts.contentType });
      await this.#queue.send(formatJobMessage('image', id));
      return { job };
    } catch (failure) {
      return this.#putDown(job, failure);
    }
  }

  /** A message whose sending seemed to fail may have been sent all the same: then the job goes its way. */
  async #putDown(job: ImageJob, failure: unknown): Promise<CreatedImageJob> {
    const updated = await this.#records.update(job.id, (now) =>
      now.state === 'queued'
        ? {
            ...now,
            state: 'failed',
            finishedAt: new Date().toISOString(),
            error: 'the job could not be queued',
          }
        : undefined,
    );
    return updated?.isChanged === false ? { job: updated.record } : { job: updated?.record ?? job, failure };
  }

  /** Undefined when there is no such job. */
  async get(id: string): Promise<ImageJob | undefined> {
    return isImageJobId(id) ? (await this.#records.read(id))?.record : undefined;
  }

  async list({ limit, cursor, state }: ImageJobQuery): Promise<ImageJobPage> {
    if (cursor !== undefined && !isImageJobId(cursor)) {
      throw new InvalidCursorError('cursor must be a next_cursor of an earlier answer');
    }
    const jobs: ImageJob[] = [];
    let last: string | undefined;
    let looked = 0;
    for await (const id of listIdsNewestFirst(this.#store, cursor)) {
      if (jobs.length === limit || looked === RECORDS_PER_PAGE) return { jobs, nextCursor: last ?? null };
      looked += 1;
      last = id;
      const job = (await this.#records.read(id))?.record;
      if (job !== undefined && (state === undefined || job.state === state)) jobs.push(job);
    }
    return { jobs, nextCursor: null };
  }

  /** Ends a job that has not ended. Undefined when there is none; a job that has ended otherwise is left as it is. */
  async terminate(id: string): Promise<ImageJob | undefined> {
    if (!isImageJobId(id)) return undefined;
    const updated = await this.#records.update(id, (job) =>
      canMove(job.state, 'terminated', 'client') && !isTerminal(job.state)
        ? { ...job, state: 'terminated', finishedAt: new Date().toISOString(), token: null }
        : undefined,
    );
    return updated?.record;
  }

  /** The result of a completed job, opened; undefined while there is none. */
  async openOutput(job: ImageJob, signal?: AbortSignal): Promise<ImageOutput | undefined> {
    if (job.output === null) return undefined;
    const object = await this.#store.get(`output/${job.id}`, signal === undefined ? {} : { signal });
    return object === undefined ? undefined : { facts: job.output, object };
  }
}
