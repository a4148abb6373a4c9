import { readdir, unlink } from 'node:fs/promises';
import { CachedJson } from '../../files/cached-json.ts';
import { ifPresent } from '../../files/errno.ts';
import { replaceFile } from '../../files/replace-file.ts';
import { sweepFolder } from '../../files/sweep-folder.ts';
import { isTerminal } from '../../job/job-state.ts';
import { type WorkerRecord, workerRecordSchema } from '../../workers/worker-record.ts';
import type { VolumeLayout } from '../volume/volume-layout.ts';

const RECORD_NAME = /^([0-9a-f-]{36})\.json$/;
const CACHED_RECORDS = 1_000;
/** `/status` knows ended workers for a day. */
const KEPT_MS = 24 * 3600 * 1000;

/** The files of worker ids: those that may hold a slot in one folder, so that counting slots reads no more; ended ones in another. */
export class WorkerRecords {
  readonly #layout: VolumeLayout;
  readonly #cache = new CachedJson(workerRecordSchema, CACHED_RECORDS);

  constructor(layout: VolumeLayout) {
    this.#layout = layout;
  }

  /** `workerId` must be a UUID: it becomes part of a path. */
  read(workerId: string): WorkerRecord | undefined {
    return (
      this.#cache.read(this.#layout.endedWorker(workerId)) ?? this.#cache.read(this.#layout.worker(workerId))
    );
  }

  /** Those that have not ended. */
  async listActive(): Promise<WorkerRecord[]> {
    const records = await this.#readFolder(this.#layout.workers);
    return records.filter(({ state }) => !isTerminal(state));
  }

  /** Those too that ended within the last day. */
  async listAll(): Promise<WorkerRecord[]> {
    const active = await this.listActive();
    return [...active, ...(await this.#readFolder(this.#layout.endedWorkers))];
  }

  /** Inside the mutex. */
  async write(record: WorkerRecord): Promise<WorkerRecord> {
    const { temporary: temporaryFolder } = this.#layout;
    const content = `${JSON.stringify(record)}\n`;
    const hasEnded = isTerminal(record.state);
    const path = hasEnded ? this.#layout.endedWorker(record.workerId) : this.#layout.worker(record.workerId);
    await replaceFile(path, content, { temporaryFolder, durable: true });
    if (hasEnded) await ifPresent(unlink(this.#layout.worker(record.workerId)));
    return record;
  }

  async #readFolder(folder: string): Promise<WorkerRecord[]> {
    const names = await readdir(folder);
    return names.flatMap((name) => {
      const workerId = RECORD_NAME.exec(name)?.[1];
      return (workerId === undefined ? undefined : this.read(workerId)) ?? [];
    });
  }

  /** Removes what ended more than a day ago. */
  async sweep(): Promise<void> {
    await sweepFolder(this.#layout.endedWorkers, KEPT_MS);
  }
}
