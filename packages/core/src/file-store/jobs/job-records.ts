import { mkdir, readdir, unlink } from 'node:fs/promises';
import { CachedJson } from '../../files/cached-json.ts';
import { ifPresent } from '../../files/errno.ts';
import { replaceFile, syncFolder } from '../../files/replace-file.ts';
import { isTerminal } from '../../job/job-state.ts';
import type { VolumeLayout } from '../volume/volume-layout.ts';
import { type JobRecord, jobRecordSchema } from './job-record.ts';

const RECORD_NAME = /^([1-9][0-9]*)\.json$/;
const CACHED_RECORDS = 10_000;

/**
 * The record files. A job that has not ended is in `open/`, so that looking for work takes time by the jobs at hand and not by all
 * that ever were; one that has ended is in `closed/`. In both, after a crash between the two steps of closing: the closed one counts.
 */
export class JobRecords {
  readonly #layout: VolumeLayout;
  readonly #cache = new CachedJson(jobRecordSchema, CACHED_RECORDS);

  constructor(layout: VolumeLayout) {
    this.#layout = layout;
  }

  /** The record of job `id` with the ledger's `num`, if there is one. */
  read(id: number, num: number): JobRecord | undefined {
    for (const path of [this.#layout.closedRecord(id), this.#layout.openRecord(id)]) {
      const record = this.#cache.read(path);
      if (record?.num === num) return record;
    }
    return undefined;
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

  /** Takes the second step of closing, which a crash left undone; inside the mutex. */
  async removeOpen(id: number): Promise<void> {
    await ifPresent(unlink(this.#layout.openRecord(id)));
  }

  /** Inside the mutex. Durable when what it says was told to a client or ends the job. */
  async write(record: JobRecord, options: { readonly durable: boolean }): Promise<void> {
    const { temporary: temporaryFolder } = this.#layout;
    const content = `${JSON.stringify(record)}\n`;
    if (!isTerminal(record.state)) {
      await replaceFile(this.#layout.openRecord(record.id), content, { temporaryFolder, ...options });
      return;
    }
    if ((await mkdir(this.#layout.closedFolder(record.id), { recursive: true })) !== undefined) {
      await syncFolder(`${this.#layout.root}/state/closed`);
    }
    await replaceFile(this.#layout.closedRecord(record.id), content, { temporaryFolder, durable: true });
    await this.removeOpen(record.id);
  }
}
