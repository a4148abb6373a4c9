import type { CheckpointStore, EngineProgress, EngineReport } from '../../engine/digit-engine.ts';
import { ignoreStorageCondition } from '../../files/errno.ts';
import type { JobId } from '../../job/job.ts';
import { ProgressEstimate } from '../../job/progress-estimate.ts';
import { isOwnedBy, type OwnedState, stateAfterStop, stopReasonOf } from '../../job/rules/claim-rules.ts';
import { ClaimStop } from '../../job/rules/claim-stop.ts';
import type { ClaimedJob, StopReason } from '../../ports/work-queue.ts';
import { type DigitFileWriter, readDigits } from '../digits/digit-file.ts';
import { LongestResultFile } from '../digits/longest-result.ts';
import { closeJob, finishClosing, nameResult } from '../jobs/close-job.ts';
import type { JobRecord } from '../jobs/job-record.ts';
import type { ProcessLease } from '../leases/process-lease.ts';
import type { FileVolume } from '../volume/file-volume.ts';

/**
 * One job in this calculator's hands. Every step that others see is taken inside the volume's mutex, after a look whether the
 * record still bears this claim's token; the digits go into a file that only this claim has open (see `take-over.ts`).
 */
export class FileClaim implements ClaimedJob {
  readonly id: JobId;
  readonly num: number;
  readonly verify: boolean;
  readonly digitsThere: number;
  readonly checkpoints: CheckpointStore;
  readonly #volume: FileVolume;
  readonly #lease: ProcessLease;
  readonly #record: JobRecord;
  readonly #writer: DigitFileWriter;
  readonly #progress: ProgressEstimate;
  readonly #stop = new ClaimStop();
  readonly #onEnd: (claim: FileClaim) => void;

  constructor(options: {
    readonly volume: FileVolume;
    readonly lease: ProcessLease;
    /** As it was written when the job was claimed. */
    readonly record: JobRecord;
    readonly writer: DigitFileWriter;
    readonly checkpoints: CheckpointStore;
    readonly onEnd: (claim: FileClaim) => void;
  }) {
    this.#volume = options.volume;
    this.#lease = options.lease;
    this.#record = options.record;
    this.#writer = options.writer;
    this.#onEnd = options.onEnd;
    this.id = String(options.record.id);
    this.num = options.record.num;
    this.verify = options.volume.creationOf(options.record.id).verify;
    this.digitsThere = options.writer.digits;
    this.checkpoints = options.checkpoints;
    this.#progress = new ProgressEstimate(options.record.fraction, this.digitsThere);
    this.#lease.setProgress(options.record.id, this.#progress.waiting());
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  get discard(): AbortSignal {
    return this.#stop.discard;
  }

  get #token(): string | null {
    return this.#record.owner?.token ?? null;
  }

  async appendDigits(asciiDigits: Uint8Array): Promise<void> {
    this.signal.throwIfAborted();
    await this.#writer.append(asciiDigits);
  }

  reportProgress({ phase, fraction }: EngineProgress): void {
    this.#lease.setProgress(this.#record.id, this.#progress.update(phase, fraction, this.#writer.digits));
  }

  knownDigits(): AsyncIterable<Uint8Array> | undefined {
    const longest = new LongestResultFile(this.#volume.layout).read();
    if (longest === undefined || longest.num < this.num) return undefined;
    const path = this.#volume.layout.digits(longest.id, longest.num);
    return readDigits([path], this.digitsThere, this.num - this.digitsThere, this.signal);
  }

  /** Looks whether a client asked for something, or somebody else took the job. */
  checkRequests(): void {
    if (this.discard.aborted) return;
    const record = this.#volume.records.read(this.#record.id, this.num);
    const reason = stopReasonOf(record && ownedState(record), this.#token);
    if (reason !== undefined) this.stop(reason);
  }

  stop(reason: StopReason): void {
    this.#stop.stop(reason);
  }

  /** Lets go without a word: whoever finds the lease gone takes the job up. */
  async abandon(): Promise<void> {
    this.stop('lost');
    await this.#letGo();
  }

  async complete(report: EngineReport | null): Promise<boolean> {
    if (this.#writer.digits !== this.num) {
      return this.fail(`the engine gave ${this.#writer.digits} digits instead of ${this.num}`);
    }
    return this.#end(async (record) => {
      const done = { ...record, report, error: null, finishedAt: new Date().toISOString() };
      // Before the name that completes the job: whoever sees it completed sees all that there is to tell of it.
      await this.#volume.records.write(done, { durable: false });
      await nameResult(this.#volume, done);
      return closeJob(this.#volume, done, { state: 'completed', fraction: 1 });
    });
  }

  async fail(message: string): Promise<boolean> {
    const { fraction } = this.#progress;
    return this.#end((record) =>
      closeJob(this.#volume, record, { state: 'failed', fraction, error: message }),
    );
  }

  async settle(note?: string): Promise<boolean> {
    const error = note ?? null;
    const { fraction } = this.#progress;
    return this.#end(async (record) => {
      const state = stateAfterStop(record.request);
      if (state === 'terminated') return closeJob(this.#volume, record, { state, fraction, error });
      const rest = { state, owner: null, released: true, request: null, fraction, error };
      await this.#volume.records.write({ ...record, ...rest }, { durable: true });
      return undefined;
    });
  }

  /**
   * Takes the last step, which resolves with the closed record of a job that has ended, if the job is still this claim's, and lets go of
   * it in any case. A step that fails leaves a running job
   * that its owner no longer holds, which the owner's queue finds and takes up again.
   */
  async #end(step: (record: JobRecord) => Promise<JobRecord | undefined>): Promise<boolean> {
    let closed: JobRecord | undefined;
    try {
      await this.#writer.sync();
      const isMine = await this.#volume.mutex.run(async () => {
        const record = this.#volume.records.read(this.#record.id, this.num);
        if (!this.#isMine(record)) return false;
        closed = await step(record);
        return true;
      });
      // What cannot be finished now is finished by whoever looks for work next.
      if (closed !== undefined) await finishClosing(this.#volume, closed).catch(ignoreStorageCondition);
      return isMine;
    } finally {
      await this.#letGo();
    }
  }

  async #letGo(): Promise<void> {
    this.#onEnd(this);
    this.#lease.clearProgress(this.#record.id);
    await this.#writer.close();
  }

  #isMine(record: JobRecord | undefined): record is JobRecord {
    return isOwnedBy(record && ownedState(record), this.#token);
  }
}

function ownedState({ state, request, owner }: JobRecord): OwnedState {
  return { state, request, token: owner?.token ?? null };
}
