import { isTerminal } from '../../job/job-state.ts';
import type { ControlledTransfer } from '../../ports/worker-slots.ts';
import { TransferGate } from '../../transfers/transfer-gate.ts';
import type { ProcessLease } from '../leases/process-lease.ts';
import type { FileVolume } from '../volume/file-volume.ts';
import type { WorkerRecord } from './worker-record.ts';

type RecordEnd = (end: Partial<WorkerRecord>) => Promise<void>;

/** One transfer that this process carries out: its gate, its record, its place in the lease. */
export class FileTransfer implements ControlledTransfer {
  readonly workerId: string;
  readonly #volume: FileVolume;
  readonly #lease: ProcessLease;
  readonly #gate: TransferGate;
  readonly #recordEnd: RecordEnd;
  #recorded: 'running' | 'paused' = 'running';
  #recording: Promise<void> = Promise.resolve();
  #hasEnded = false;

  constructor(volume: FileVolume, lease: ProcessLease, record: WorkerRecord, recordEnd: RecordEnd) {
    this.#volume = volume;
    this.#lease = lease;
    this.#recordEnd = recordEnd;
    this.workerId = record.workerId;
    this.#gate = new TransferGate(record.total, () => this.#publish());
    this.#publish();
  }

  get signal(): AbortSignal {
    return this.#gate.signal;
  }

  get isPaused(): boolean {
    return this.#gate.state === 'paused';
  }

  admit(): Promise<void> {
    return this.#gate.admit();
  }

  moved(bytes: number): void {
    this.#gate.moved(bytes);
  }

  /** Looks whether a client, through whichever process, asked for something. A look that fails is made again at the next turn. */
  checkRequest(): void {
    let record: WorkerRecord | undefined;
    try {
      record = this.#volume.workers.read(this.workerId);
    } catch {
      return;
    }
    if (record === undefined || this.#hasEnded) return;
    // This process stood still for so long that others took it for dead and gave the slot away.
    if (isTerminal(record.state)) this.#gate.stop('lost');
    else if (record.request !== null) this.#gate.wish(record.request);
  }

  async end(state: 'completed' | 'failed' | 'terminated', error?: string): Promise<void> {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    try {
      await this.#recording;
      const { bytes } = this.#gate.progress;
      await this.#recordEnd({ state, bytes, error: error ?? null, request: null });
    } finally {
      this.#lease.clearTransfer(this.workerId);
    }
  }

  #publish(): void {
    this.#lease.setTransfer(this.workerId, this.#gate.progress);
    const { state, progress } = this.#gate;
    if (state === this.#recorded || this.#hasEnded) return;
    this.#recorded = state;
    // A record that cannot be written now is written with the next change; the gate itself has obeyed.
    this.#recording = this.#recording.then(() =>
      this.#write({ state, bytes: progress.bytes }).catch(() => undefined),
    );
  }

  async #write(change: Partial<WorkerRecord>): Promise<void> {
    await this.#volume.mutex.run(async () => {
      const record = this.#volume.workers.read(this.workerId);
      if (record === undefined || isTerminal(record.state)) return;
      const request = record.request === change.state ? null : record.request;
      await this.#volume.workers.write({ ...record, request, ...change });
    });
  }
}
