import { statSync } from 'node:fs';
import { checkWritable } from '../../files/check-writable.ts';
import { errnoCode, ignoreStorageCondition } from '../../files/errno.ts';
import { sweepFolder } from '../../files/sweep-folder.ts';
import { VolumeMutex } from '../../files/volume-mutex.ts';
import { type CreationDetails, CreationTable } from '../../ledger/creation-table.ts';
import { LedgerMirror } from '../../ledger/ledger-mirror.ts';
import { JobRecords } from '../jobs/job-records.ts';
import { OpenJobs } from '../jobs/open-jobs.ts';
import { sweepKeys } from '../jobs/sweep-keys.ts';
import { LeaseBoard } from '../leases/lease-board.ts';
import { WorkerRecords } from '../workers/worker-records.ts';
import { VolumeLayout } from './volume-layout.ts';

/** A temporary file that nobody has written for an hour was left by a process that was killed. */
const STRAY_FILE_MS = 3600 * 1000;
const FIRST_SWEEP_MS = 60_000;
const SWEEP_MS = 3600 * 1000;

/** The data folder is not there and cannot be made, or cannot be written. Bears the system's code. */
export class VolumeUnusableError extends Error {
  override readonly name = 'VolumeUnusableError';
  readonly code: string;

  constructor(folder: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`${reason}: the folder ${folder} (DATA_DIR) cannot be made or written`, { cause });
    this.code = errnoCode(cause) ?? 'UNKNOWN';
  }
}

/** The shared volume, opened: what the job store, the work queue and the digit source all stand on. */
export class FileVolume {
  readonly layout: VolumeLayout;
  readonly mutex: VolumeMutex;
  readonly ledger: LedgerMirror;
  readonly creation: CreationTable;
  readonly records: JobRecords;
  readonly openJobs: OpenJobs;
  readonly leases: LeaseBoard;
  readonly workers: WorkerRecords;

  #sweeping: NodeJS.Timeout | undefined;

  private constructor(layout: VolumeLayout) {
    this.layout = layout;
    this.mutex = new VolumeMutex(layout.mutex);
    this.ledger = new LedgerMirror(layout.ledger);
    this.creation = new CreationTable(layout.created);
    this.records = new JobRecords(layout);
    const createdAt = (id: number): string => this.creationOf(id).createdAt;
    this.openJobs = new OpenJobs({ records: this.records, ledger: this.ledger, createdAt });
    this.leases = new LeaseBoard(layout);
    this.workers = new WorkerRecords(layout);
  }

  /** Makes what is missing and reads the ledger once. Throws a `LedgerCorruptError` or the system's error. */
  static async open(dataDir: string): Promise<FileVolume> {
    const layout = new VolumeLayout(dataDir);
    await layout.createFolders().catch((error: unknown) => {
      throw new VolumeUnusableError(layout.root, error);
    });
    await sweepFolder(layout.temporary, STRAY_FILE_MS).catch(ignoreStorageCondition);
    const volume = new FileVolume(layout);
    volume.ledger.refresh();
    volume.#sweepAfter(FIRST_SWEEP_MS);
    return volume;
  }

  /** Idempotency keys may be many: they are looked through now and then, and never while a service starts. */
  #sweepAfter(ms: number): void {
    this.#sweeping = setTimeout(() => {
      void sweepKeys(this.layout).catch(() => undefined);
      this.#sweepAfter(SWEEP_MS);
    }, ms).unref();
  }

  /** When and how a job was created; for a ledger written by hand, when the ledger was last written. */
  creationOf(id: number): CreationDetails {
    const details = this.creation.detailsOf(id);
    if (details !== undefined) return details;
    const ledger = statSync(this.layout.ledger, { throwIfNoEntry: false });
    return { createdAt: new Date(ledger?.mtimeMs ?? 0).toISOString(), verify: false };
  }

  /** Throws the system's error when nothing can be written now. */
  async checkWritable(): Promise<void> {
    await checkWritable(this.layout.temporary);
  }

  close(): void {
    this.mutex.close();
    this.ledger.close();
    this.records.close();
    clearTimeout(this.#sweeping);
    this.creation.close();
  }
}
