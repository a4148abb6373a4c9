import { mkdir } from 'node:fs/promises';

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
  readonly calculators: string;
  readonly temporary: string;

  constructor(dataDir: string) {
    const state = `${dataDir}/state`;
    this.root = dataDir;
    this.ledger = `${dataDir}/jobs.txt`;
    this.created = `${state}/created.txt`;
    this.mutex = `${state}/mutex`;
    this.cursor = `${state}/cursor`;
    this.longest = `${state}/longest.json`;
    this.openRecords = `${state}/open`;
    this.calculators = `${state}/calculators`;
    this.temporary = `${state}/temporary`;
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
    return `${this.root}/state/closed/${Math.floor(id / JOBS_PER_FOLDER)}`;
  }

  closedRecord(id: number): string {
    return `${this.closedFolder(id)}/${id}.json`;
  }

  calculator(calculatorId: string): string {
    return `${this.calculators}/${calculatorId}.json`;
  }

  checkpoints(id: number): string {
    return `${this.root}/state/checkpoints/${id}`;
  }

  idempotencyFolder(keyHash: string): string {
    return `${this.root}/state/idempotency/${keyHash.slice(0, 2)}`;
  }

  idempotency(keyHash: string): string {
    return `${this.idempotencyFolder(keyHash)}/${keyHash}.json`;
  }

  async createFolders(): Promise<void> {
    for (const folder of [this.openRecords, this.calculators, this.temporary]) {
      await mkdir(folder, { recursive: true });
    }
  }
}
