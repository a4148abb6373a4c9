import {
  type ByteSpan,
  canMove,
  formatJobMessage,
  type Idempotency,
  IdempotencyError,
  isJobUuid,
  isTerminal,
  jobIdOfKey,
  type MessageQueue,
  newJobUuid,
  type ObjectContent,
  type ObjectInfo,
  type ObjectStore,
  type PageQuery,
  pageOfRecords,
  RecordStore,
  VersionConflictError,
} from '@pi-jobs/core';
import { asMade, type ImageFacts, type ImageJob, imageJobSchema, newImageJob } from './image-job.ts';

/** A job whose image is not there for so long after its record has lost its maker. */
const IN_FLIGHT_MS = 30 * 1000;
const NOT_QUEUED = 'the job could not be queued';

export interface NewImageJob {
  readonly image: ObjectContent;
  readonly facts: ImageFacts;
  /** Already checked; null for the default. */
  readonly operations: ImageJob['operations'];
  readonly idempotency?: Idempotency;
}

export interface CreatedImageJob {
  readonly job: ImageJob;
  /** Why the job could not be queued; it is on record as failed then. */
  readonly failure?: unknown;
}

export interface ImageJobPage {
  /** Newest first. */
  readonly jobs: readonly ImageJob[];
  readonly nextCursor: string | null;
}

export interface ImageOutput {
  readonly facts: ImageFacts;
  readonly object: ObjectInfo;
  /** The bytes of a span of it. */
  read(span: ByteSpan): AsyncIterable<Uint8Array>;
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

  /**
   * Rejects when not even the record could be written: nothing is left then. With a key that was used before the job is the one of
   * then, as it was made; `IdempotencyError` when that was another one, or is not made yet.
   */
  async create({ image, facts, operations, idempotency }: NewImageJob): Promise<CreatedImageJob> {
    const id = idempotency === undefined ? newJobUuid() : await jobIdOfKey(this.#store, idempotency);
    const job = newImageJob(id, facts, operations);
    try {
      await this.#records.create(job);
    } catch (error) {
      if (idempotency === undefined || !(error instanceof VersionConflictError)) throw error;
      return this.#createAgain(id, image);
    }
    return this.#queueUp(job, image);
  }

  /** The image is what tells that an earlier request has come far enough; one that died before is carried on from there. */
  async #createAgain(id: string, image: NewImageJob['image']): Promise<CreatedImageJob> {
    const job = await this.get(id);
    if (job?.state === 'failed' && job.error === NOT_QUEUED) return { job, failure: new Error(NOT_QUEUED) };
    const isMade = job !== undefined && (isTerminal(job.state) || (await this.#store.stat(`input/${id}`)));
    if (isMade) return { job: asMade(job) };
    if (job === undefined || Date.now() - Date.parse(job.createdAt) < IN_FLIGHT_MS) {
      throw new IdempotencyError(
        'in-flight',
        'the first request with this Idempotency-Key is not answered yet',
      );
    }
    return this.#queueUp(job, image);
  }

  async #queueUp(job: ImageJob, image: NewImageJob['image']): Promise<CreatedImageJob> {
    try {
      await this.#store.put(`input/${job.id}`, image, { contentType: job.input.contentType });
      await this.#queue.send(formatJobMessage('image', job.id));
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
            error: NOT_QUEUED,
          }
        : undefined,
    );
    return updated?.isChanged === false ? { job: updated.record } : { job: updated?.record ?? job, failure };
  }

  /** Undefined when there is no such job. */
  async get(id: string): Promise<ImageJob | undefined> {
    return isJobUuid(id) ? (await this.#records.read(id))?.record : undefined;
  }

  list(query: PageQuery): Promise<ImageJobPage> {
    return pageOfRecords(this.#store, query, async (id) => (await this.#records.readIfReadable(id))?.record);
  }

  /** Ends a job that has not ended. Undefined when there is none; a job that has ended otherwise is left as it is. */
  async terminate(id: string): Promise<ImageJob | undefined> {
    if (!isJobUuid(id)) return undefined;
    const updated = await this.#records.update(id, (job) =>
      canMove(job.state, 'terminated', 'client') && !isTerminal(job.state)
        ? { ...job, state: 'terminated', finishedAt: new Date().toISOString(), token: null }
        : undefined,
    );
    return updated?.record;
  }

  /** The result of a completed job, which never changes; undefined while there is none. */
  async openOutput(job: ImageJob, signal?: AbortSignal): Promise<ImageOutput | undefined> {
    if (job.output === null) return undefined;
    const object = await this.#store.stat(`output/${job.id}`);
    if (object === undefined) return undefined;
    return { facts: job.output, object, read: (span) => this.#read(object, span, signal) };
  }

  async *#read(
    { key }: ObjectInfo,
    span: ByteSpan,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array> {
    const object = await this.#store.get(key, signal === undefined ? span : { ...span, signal });
    if (object === undefined) throw new Error(`${key} is gone`);
    yield* object.body;
  }
}
