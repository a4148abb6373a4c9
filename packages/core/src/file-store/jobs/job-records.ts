import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, unlink } from 'node:fs/promises';
import { CachedJson, UnreadableFileError } from '../../files/cached-json.ts';
import { ifPresent } from '../../files/errno.ts';
import { replaceFile } from '../../files/replace-file.ts';
import { syncFile, syncFolder } from '../../files/sync-file.ts';
import { ChangeLog } from '../volume/change-log.ts';
import type { VolumeLayout } from '../volume/volume-layout.ts';
import { type JobRecord, jobRecordSchema, newJobRecord } from './job-record.ts';

const RECORD_NAME = /^([1-9][0-9]*)\.json$/;
const CACHED_RECORDS = 10_000;

/** What is said of a job whose record cannot be read. */
export const UNREADABLE = "the job's record on the volume cannot be read";

/**
 * The record files. A job that has not ended is in `open/`; one that has ended is in `closed/`. In both while it is being closed, or after
 * a crash between the two steps of that: the closed one counts.
 */
export class JobRecords {
  readonly #layout: VolumeLayout;
  readonly #cache = new CachedJson(jobRecordSchema, CACHED_RECORDS);
  readonly #log: ChangeLog;

  constructor(layout: VolumeLayout) {
    this.#layout = layout;
    this.#log = new ChangeLog(layout.changes, `${layout.temporary}/changes`);
  }

  /** The record of job `id` with the ledger's `num`, if there is one. One that cannot be read is that of a failed job. */
  read(id: number, num: number): JobRecord | undefined {
    try {
      for (const path of [this.#layout.closedRecord(id), this.#layout.openRecord(id)]) {
        const record = this.#cache.read(path);
        if (record?.num === num) return record;
      }
      return undefined;
    } catch (error) {
      if (!(error instanceof UnreadableFileError)) throw error;
      const state = existsSync(this.#layout.digits(id, num)) ? 'completed' : 'failed';
      return { ...newJobRecord(id, num, new Date(0).toISOString()), state, error: UNREADABLE };
    }
  }

  isOpen(id: number): boolean {
    return existsSync(this.#layout.openRecord(id));
  }

  isClosed(id: number): boolean {
    return existsSync(this.#layout.closedRecord(id));
  }

  /** Ids of the jobs in `open/`, ascending. */
  async listOpen(): Promise<number[]> {
    const names = await readdir(this.#layout.openRecords);
    const ids = names.flatMap((name) => {
      const id = RECORD_NAME.exec(name)?.[1];
      return id === undefined ? [] : [Number(id)];
    });
    return ids.sort((a, b) => a - b);
  }

  /** Ids whose records were written since the last call, or undefined when any may have been; inside the mutex. */
  changes(): number[] | undefined {
    return this.#log.changes();
  }

  /** Of a job that has not ended; inside the mutex. Durable when what it says was told to a client. */
  async write(record: JobRecord, options: { readonly durable: boolean }): Promise<void> {
    await this.#log.append(record.id);
    await this.#replace(this.#layout.openRecord(record.id), record, options.durable);
  }

  /** Of a job that has ended; inside the mutex. From now on it counts; the open one stays until `removeOpen`. */
  async writeClosed(record: JobRecord): Promise<void> {
    await this.#log.append(record.id);
    await mkdir(this.#layout.closedFolder(record.id), { recursive: true });
    await this.#replace(this.#layout.closedRecord(record.id), record, false);
  }

  /** Makes a closed record durable. */
  async flushClosed(id: number): Promise<void> {
    await syncFile(this.#layout.closedRecord(id));
    await syncFolder(this.#layout.closedFolder(id));
    await syncFolder(this.#layout.closed);
  }

  /** The last step of closing. */
  async removeOpen(id: number): Promise<void> {
    await ifPresent(unlink(this.#layout.openRecord(id)));
  }

  /** Puts an open record that cannot be read where people can look at it; inside the mutex. */
  async setAside(id: number): Promise<void> {
    await mkdir(this.#layout.unreadable, { recursive: true });
    await ifPresent(
      rename(this.#layout.openRecord(id), `${this.#layout.unreadable}/${id}.${Date.now()}.json`),
    );
  }

  close(): void {
    this.#log.close();
  }

  async #replace(path: string, record: JobRecord, durable: boolean): Promise<void> {
    const { temporary: temporaryFolder } = this.#layout;
    await replaceFile(path, `${JSON.stringify(record)}\n`, { temporaryFolder, durable });
  }
}
