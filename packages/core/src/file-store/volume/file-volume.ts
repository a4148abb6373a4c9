import { statSync } from 'node:fs';
import { checkWritable } from '../../files/check-writable.ts';
import { ignoreStorageCondition } from '../../files/errno.ts';
import { sweepFolder } from '../../files/sweep-folder.ts';
import { VolumeMutex } from '../../files/volume-mutex.ts';
import { type CreationDetails, CreationTable } from '../../ledger/creation-table.ts';
import { LedgerMirror } from '../../ledger/ledger-mirror.ts';
import { JobRecords } from '../jobs/job-records.ts';
import { LeaseBoard } from '../leases/process-lease.ts';
import { WorkerRecords } from '../workers/worker-records.ts';
import { VolumeLayout } from './volume-layout.ts';

/** A temporary file that nobody has written for an hour was left by a process that was killed. */
const STRAY_FILE_MS = 3600 * 1000;

/** The shared volume, opened: what the job store, the work queue and the digit source all stand on. */
export class FileVolume {
  readonly layout: VolumeLayout;
  readonly mutex: VolumeMutex;
  readonly ledger: LedgerMirror;
  readonly creation: CreationTable;
  readonly records: JobRecords;
  readonly leases: LeaseBoard;
  readonly workers: WorkerRecords;

  private constructor(layout: VolumeLayout) {
    this.layout = layout;
    this.mutex = new VolumeMutex(layout.mutex);
    this.ledger = new LedgerMirror(layout.ledger);
    this.creation = new CreationTable(layout.created);
    this.records = new JobRecords(layout);
    this.leases = new LeaseBoard(layout);
    this.workers = new WorkerRecords(layout);
  }

  /** Makes what is missing and reads the ledger once. Throws a `LedgerCorruptError` or the system's error. */
  static async open(dataDir: string): Promise<FileVolume> {
    const layout = new VolumeLayout(dataDir);
    await layout.createFolders();
    await sweepFolder(layout.temporary, STRAY_FILE_MS).catch(ignoreStorageCondition);
    const volume = new FileVolume(layout);
    volume.ledger.refresh();
    return volume;
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
    this.creation.close();
  }
}
