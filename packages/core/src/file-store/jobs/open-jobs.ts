import { isTerminal } from '../../job/job-state.ts';
import type { LedgerMirror } from '../../ledger/ledger-mirror.ts';
import { type JobRecord, newJobRecord } from './job-record.ts';
import type { JobRecords } from './job-records.ts';

/** Should a record have been written by other means than these programs, it is found after so long. */
const WHOLE_LOOK_MS = 60_000;

export interface OpenJobsOptions {
  readonly records: JobRecords;
  readonly ledger: LedgerMirror;
  readonly createdAt: (id: number) => string;
}

/**
 * The jobs with an open record, in memory: a look costs the records that were written since the last one, not all that are there. Only
 * inside the volume's mutex.
 */
export class OpenJobs {
  readonly running = new Map<number, JobRecord>();
  /** Queued, with a slot kept for each. */
  readonly kept = new Map<number, JobRecord>();
  /** Queued, for any slot. */
  readonly waiting = new Map<number, JobRecord>();
  /** Ended, and their last step not taken yet. */
  readonly closing = new Set<number>();
  /** Their records cannot be read. */
  readonly unreadable = new Set<number>();
  readonly #options: OpenJobsOptions;
  /** Changed since they were looked at: a look that fails is made again. */
  readonly #changed = new Set<number>();
  #wholeLookAt = Number.NEGATIVE_INFINITY;

  constructor(options: OpenJobsOptions) {
    this.#options = options;
  }

  /** Takes in what has changed. */
  async refresh(): Promise<void> {
    const { records } = this.#options;
    const changes = records.changes();
    const now = performance.now();
    if (changes !== undefined && now - this.#wholeLookAt < WHOLE_LOOK_MS) {
      for (const id of [...changes, ...this.closing]) this.#changed.add(id);
      for (const id of this.#changed) {
        this.#look(id);
        this.#changed.delete(id);
      }
      return;
    }
    this.#wholeLookAt = Number.NEGATIVE_INFINITY;
    for (const set of [this.running, this.kept, this.waiting, this.closing, this.unreadable]) set.clear();
    for (const id of await records.listOpen()) this.#take(id);
    this.#changed.clear();
    this.#wholeLookAt = now;
  }

  #look(id: number): void {
    for (const set of [this.running, this.kept, this.waiting, this.closing, this.unreadable]) set.delete(id);
    if (this.#options.records.isOpen(id)) this.#take(id);
  }

  /** Of a job whose open record is there. */
  #take(id: number): void {
    const { records, ledger, createdAt } = this.#options;
    const num = ledger.numOf(id);
    if (num === undefined) return;
    const record = records.read(id, num);
    // The cursor may be past a job whose record a power failure took, or left from another row: its file keeps its place.
    if (record === undefined) this.#place(newJobRecord(id, num, createdAt(id)));
    else if (!isTerminal(record.state)) this.#place(record);
    else if (records.isClosed(id)) this.closing.add(id);
    else this.unreadable.add(id);
  }

  #place(record: JobRecord): void {
    const { id, state, keepsSlot } = record;
    if (state === 'running') this.running.set(id, record);
    else if (state === 'queued') (keepsSlot ? this.kept : this.waiting).set(id, record);
  }
}
