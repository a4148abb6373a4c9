import { makeFolders } from '../../files/make-folders.ts';

const JOBS_PER_FOLDER = 1000;

/** Where everything is on the shared volume. docs/ledger-format.md shows a sample folder. */
export class VolumeLayout {
  readonly root: string;
  readonly ledger: string;
  readonly created: string;
  readonly mutex: string;
  readonly cursor: string;
  readonly longest: string;
  readonly openRecords: string;
  readonly closed: string;
  readonly unreadable: string;
  readonly changes: string;
  readonly leases: string;
  readonly workers: string;
  readonly endedWorkers: string;
  readonly temporary: string;
  readonly idempotencyFolders: string;

  constructor(dataDir: string) {
    const state = `${dataDir}/state`;
    this.root = dataDir;
    this.ledger = `${dataDir}/jobs.txt`;
    this.created = `${state}/created.txt`;
    this.mutex = `${state}/mutex`;
    this.cursor = `${state}/cursor`;
    this.longest = `${state}/longest.json`;
    this.openRecords = `${state}/open`;
    this.closed = `${state}/closed`;
    this.unreadable = `${state}/unreadable`;
    this.changes = `${state}/changes`;
    this.leases = `${state}/leases`;
    this.workers = `${state}/workers`;
    this.endedWorkers = `${state}/workers-ended`;
    this.temporary = `${state}/temporary`;
    this.idempotencyFolders = `${state}/idempotency`;
  }

  /** The finished result; its presence is the completion. */
  digits(id: number, num: number): string {
    return `${this.root}/${id}.${num}.txt`;
  }

  /** The certain digits of a job that is not finished. */
  partialDigits(id: number, num: number): string {
    return `${this.digits(id, num)}.lock`;
  }

  openRecord(id: number): string {
    return `${this.openRecords}/${id}.json`;
  }

  closedFolder(id: number): string {
    return `${this.closed}/${Math.floor(id / JOBS_PER_FOLDER)}`;
  }

  closedRecord(id: number): string {
    return `${this.closedFolder(id)}/${id}.json`;
  }

  lease(processId: string): string {
    return `${this.leases}/${processId}.json`;
  }

  worker(workerId: string): string {
    return `${this.workers}/${workerId}.json`;
  }

  endedWorker(workerId: string): string {
    return `${this.endedWorkers}/${workerId}.json`;
  }

  checkpoints(id: number): string {
    return `${this.root}/state/checkpoints/${id}`;
  }

  idempotencyFolder(keyHash: string): string {
    return `${this.idempotencyFolders}/${keyHash.slice(0, 2)}`;
  }

  idempotency(keyHash: string): string {
    return `${this.idempotencyFolder(keyHash)}/${keyHash}.json`;
  }

  /** Durable: the folder of the first job's details must not vanish with a power failure after the job was acknowledged. */
  async createFolders(): Promise<void> {
    const { openRecords, closed, leases, workers, endedWorkers, temporary } = this;
    await Promise.all([openRecords, closed, leases, workers, endedWorkers, temporary].map(makeFolders));
  }
}
