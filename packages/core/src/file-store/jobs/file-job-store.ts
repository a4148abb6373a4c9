import { randomUUID } from 'node:crypto';
import { type DigitJob, type JobId, parseCountedId } from '../../job/job.ts';
import { LedgerWriter } from '../../ledger/ledger-writer.ts';
import {
  type Command,
  type CommandOutcome,
  type CreatedJob,
  type Idempotency,
  IdempotencyError,
  type JobPage,
  type JobQuery,
  type JobStore,
  type NewDigitJob,
  type UnfinishedCounts,
} from '../../ports/job-store.ts';
import type { FileVolume } from '../volume/file-volume.ts';
import { commandJob } from './command-job.ts';
import { countUnfinished } from './count-unfinished.ts';
import {
  findRowOfKey,
  fingerprintOf,
  hashKey,
  type Intent,
  readIntent,
  releaseIntent,
  writeIntent,
} from './idempotency-file.ts';
import { listJobs } from './list-jobs.ts';
import { readJob } from './read-job.ts';

interface Reserved {
  readonly keyHash: string;
  readonly intent: Intent;
}

interface Answered {
  readonly id: number;
  /** In the ledger, by its key: the one who wrote it has not noted that it is on disk. */
  readonly isFound: boolean;
}

/** Digit jobs on the shared volume; any number of processes may use one volume. */
export class FileJobStore implements JobStore {
  readonly #volume: FileVolume;
  readonly #writer: LedgerWriter;

  constructor(volume: FileVolume) {
    this.#volume = volume;
    const { layout, mutex, ledger: mirror } = volume;
    this.#writer = new LedgerWriter({ path: layout.ledger, creationPath: layout.created, mutex, mirror });
  }

  async create(job: NewDigitJob): Promise<CreatedJob> {
    const { num, verify } = job;
    if (job.idempotency === undefined) {
      const { id } = await this.#writer.append({ num, verify });
      return { id: String(id), num, replayed: false };
    }
    const reserved = await this.#reserveKey(job.idempotency);
    if ('id' in reserved) {
      // The row may be another process's, read before that had it on disk.
      if (reserved.isFound) await this.#writer.flush();
      return { id: String(reserved.id), num, replayed: true };
    }
    return this.#createForKey(reserved, { num, verify });
  }

  async get(jobId: JobId): Promise<DigitJob | undefined> {
    const id = parseCountedId(jobId);
    return id === undefined ? undefined : readJob(this.#volume, id);
  }

  async list(query: JobQuery): Promise<JobPage> {
    return listJobs(this.#volume, query);
  }

  async countUnfinished(): Promise<UnfinishedCounts> {
    return countUnfinished(this.#volume);
  }

  async command(jobId: JobId, command: Command): Promise<CommandOutcome | undefined> {
    const id = parseCountedId(jobId);
    return id === undefined ? undefined : commandJob(this.#volume, id, command);
  }

  /** Waits for the rows that are on their way. */
  async close(): Promise<void> {
    await this.#writer.close();
  }

  /** Makes the key this request's, or finds the job that it stands for. */
  async #reserveKey(idempotency: Idempotency): Promise<Reserved | Answered> {
    const keyHash = hashKey(idempotency.key);
    const fingerprint = fingerprintOf(idempotency);
    return this.#volume.mutex.run(async () => {
      const stored = readIntent(this.#volume, keyHash);
      if (stored !== undefined && stored.intent.fingerprint !== fingerprint) {
        throw new IdempotencyError('mismatch', 'this Idempotency-Key was used with another request body');
      }
      const after = stored?.intent.after ?? this.#newestId();
      if (typeof stored?.intent.id === 'number') return { id: stored.intent.id, isFound: false };
      const found = stored === undefined ? undefined : findRowOfKey(this.#volume, keyHash, after);
      if (found !== undefined) return { id: found, isFound: true };
      if (stored?.isFresh) {
        throw new IdempotencyError(
          'in-flight',
          'the first request with this Idempotency-Key is not answered yet',
        );
      }
      const intent: Intent = { version: 1, fingerprint, token: randomUUID(), after, id: null };
      await writeIntent(this.#volume, keyHash, intent);
      return { keyHash, intent };
    });
  }

  #newestId(): number {
    this.#volume.ledger.refresh();
    return this.#volume.ledger.lastId;
  }

  async #createForKey(
    { keyHash, intent }: Reserved,
    row: { readonly num: number; readonly verify: boolean },
  ): Promise<CreatedJob> {
    const guard = (): void => {
      if (readIntent(this.#volume, keyHash)?.intent.token === intent.token) return;
      throw new IdempotencyError('in-flight', 'another request with this Idempotency-Key took over');
    };
    const { id } = await this.#writer.append({ ...row, keyHash, guard }).catch(async (error: unknown) => {
      if (!(error instanceof IdempotencyError)) await releaseIntent(this.#volume, keyHash);
      throw error;
    });
    // Only a short cut: without it the row is found by its key's hash.
    await writeIntent(this.#volume, keyHash, { ...intent, id }).catch(() => undefined);
    return { id: String(id), num: row.num, replayed: false };
  }
}
