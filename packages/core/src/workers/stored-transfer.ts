import { isTerminal } from '../job/job-state.ts';
import type { ControlledTransfer } from '../ports/worker-slots.ts';
import { TransferGate } from './transfer-gate.ts';
import type { WorkerRecord } from './worker-record.ts';
import type { WorkerRegistry } from './worker-registry.ts';

type RecordEnd = (end: Partial<WorkerRecord>) => Promise<void>;

/** One transfer that this process carries out: its gate, its record, its place in the sign of life. */
export class StoredTransfer implements ControlledTransfer {
  readonly workerId: string;
  readonly #registry: WorkerRegistry;
  readonly #gate: TransferGate;
  readonly #recordEnd: RecordEnd;
  #recorded: 'running' | 'paused' = 'running';
  #recording: Promise<void> = Promise.resolve();
  #isLooking = false;
  #hasEnded = false;

  constructor(registry: WorkerRegistry, record: WorkerRecord, recordEnd: RecordEnd) {
    this.#registry = registry;
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
  async checkRequest(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const known = await this.#registry.read(this.workerId).catch(() => undefined);
    this.#isLooking = false;
    if (known === undefined || this.#hasEnded) return;
    const { state, request } = known.record;
    // This process stood still for so long that others took it for dead and gave the slot away.
    if (isTerminal(state)) this.#gate.stop('lost');
    else if (request !== null) this.#gate.wish(request);
  }

  async end(state: 'completed' | 'failed' | 'terminated', error?: string): Promise<void> {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    try {
      await this.#recording;
      const { bytes } = this.#gate.progress;
      await this.#recordEnd({ state, bytes, error: error ?? null, request: null });
    } finally {
      this.#registry.lease.clearTransfer(this.workerId);
    }
  }

  #publish(): void {
    this.#registry.lease.setTransfer(this.workerId, this.#gate.progress);
    const { state, progress } = this.#gate;
    if (state === this.#recorded || this.#hasEnded) return;
    this.#recorded = state;
    // A record that cannot be written now is written with the next change; the gate itself has obeyed.
    this.#recording = this.#recording.then(() =>
      this.#write({ state, bytes: progress.bytes }).catch(() => undefined),
    );
  }

  async #write(change: Partial<WorkerRecord>): Promise<void> {
    await this.#registry.update(this.workerId, (record) => {
      if (isTerminal(record.state)) return undefined;
      const request = record.request === change.state ? null : record.request;
      return { ...record, request, ...change };
    });
  }
}
