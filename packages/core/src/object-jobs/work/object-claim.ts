import type { EngineProgress, EngineReport } from '../../engine/digit-engine.ts';
import type { JobId } from '../../job/job.ts';
import { ProgressEstimate } from '../../job/progress-estimate.ts';
import { isOwnedBy, stateAfterStop, stopReasonOf } from '../../job/rules/claim-rules.ts';
import { ClaimStop } from '../../job/rules/claim-stop.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import type { ClaimedJob, StopReason } from '../../ports/work-queue.ts';
import { DigitPartWriter, prefixOfParts } from '../digits/digit-parts.ts';
import { offerLongest } from '../digits/longest-result-object.ts';
import type { Handling } from '../messages/message-worker.ts';
import { deletePrefix } from '../records/delete-prefix.ts';
import { atRest, type DigitRecord } from '../records/digit-record.ts';
import type { RecordStore } from '../records/record-store.ts';
import { ObjectCheckpoints } from './object-checkpoints.ts';

/** A part in the middle of a job has so many bytes, or is what came in `PUBLISH_MS`. */
const PART_BYTES = 8 * 1024 * 1024;
const LOOK_MS = 500;
const PUBLISH_MS = 2_000;
/** Progress beyond what earlier attempts reached by this much shows that the job does not kill its workers at the same place. */
const ADVANCE = 0.01;

export interface ClaimEnding {
  /** How the message is to be dealt with. */
  readonly handling: Handling;
  /** The job was this worker's until then. */
  readonly isOurs: boolean;
}

export interface ObjectClaimOptions {
  readonly store: ObjectStore;
  readonly records: RecordStore<DigitRecord>;
  /** As it was written when the job was claimed. */
  readonly record: DigitRecord;
  readonly digitsThere: number;
  readonly known: AsyncIterable<Uint8Array> | undefined;
}

/**
 * One job in this worker's hands. The record bears the claim's token; every change is made on condition that it still does. Twice a
 * second the claim looks what a client has asked for, every two seconds it tells how far it is and makes readable what is certain.
 */
export class ObjectClaim implements ClaimedJob {
  readonly id: JobId;
  readonly num: number;
  readonly verify: boolean;
  readonly digitsThere: number;
  readonly checkpoints: ObjectCheckpoints;
  /** Resolves when the claim has ended. */
  readonly ended: Promise<ClaimEnding>;
  readonly #options: ObjectClaimOptions;
  readonly #writer: DigitPartWriter;
  readonly #estimate: ProgressEstimate;
  readonly #stop = new ClaimStop();
  readonly #timer: NodeJS.Timeout;
  #end: (ending: ClaimEnding) => void = () => undefined;
  #progress: DigitRecord['progress'];
  #publishedAt = performance.now();
  #busy: Promise<void> = Promise.resolve();
  #isLooking = false;

  constructor(options: ObjectClaimOptions) {
    const { store, record, digitsThere } = options;
    this.#options = options;
    this.id = record.id;
    this.num = record.num;
    this.verify = record.verify;
    this.digitsThere = digitsThere;
    this.checkpoints = new ObjectCheckpoints(store, record.id);
    this.#writer = new DigitPartWriter(store, record.id, digitsThere);
    this.#estimate = new ProgressEstimate(record.progress.fraction, digitsThere);
    this.#progress = { ...record.progress, digitsWritten: digitsThere };
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#timer = setInterval(() => void this.look(), LOOK_MS);
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  get discard(): AbortSignal {
    return this.#stop.discard;
  }

  async appendDigits(asciiDigits: Uint8Array): Promise<void> {
    this.signal.throwIfAborted();
    this.#writer.append(asciiDigits);
    if (this.#writer.pendingBytes >= PART_BYTES) await this.#flush();
  }

  reportProgress({ phase, fraction }: EngineProgress): void {
    const beat = this.#estimate.update(phase, fraction, this.#writer.digits);
    this.#progress = { ...this.#progress, ...beat };
  }

  knownDigits(): AsyncIterable<Uint8Array> | undefined {
    return this.#options.known;
  }

  stop(reason: StopReason): void {
    this.#stop.stop(reason);
  }

  /** What a client has asked for, and whether the job is still this worker's. */
  async look(): Promise<void> {
    if (this.#isLooking || this.discard.aborted) return;
    this.#isLooking = true;
    try {
      const current = (await this.#options.records.read(this.id))?.record;
      const reason = stopReasonOf(current, this.#options.record.token);
      if (reason !== undefined) this.stop(reason);
      else if (!this.signal.aborted && performance.now() - this.#publishedAt >= PUBLISH_MS)
        await this.#publish();
    } catch {
      // A store that does not answer is asked again at the next turn.
    } finally {
      this.#isLooking = false;
    }
  }

  async complete(report: EngineReport | null): Promise<boolean> {
    if (this.#writer.digits !== this.num) {
      return this.fail(`the engine gave ${this.#writer.digits} digits instead of ${this.num}`);
    }
    return this.#finish(async () => {
      while (this.#writer.written < this.num) await this.#flush();
      const isDone = await this.#change((record) => ({
        ...atRest(record, 'completed', null),
        report,
        progress: { ...record.progress, digitsWritten: this.num, fraction: 1, etaSeconds: 0, phase: null },
      }));
      if (isDone) {
        await this.checkpoints.clear();
        await offerLongest(this.#options.store, { id: this.id, num: this.num });
      }
      return isDone;
    });
  }

  async fail(message: string): Promise<boolean> {
    return this.#finish(() => this.#close('failed', message));
  }

  async settle(note?: string): Promise<boolean> {
    return this.#finish(async () => {
      await this.#flush();
      const current = (await this.#options.records.read(this.id))?.record;
      if (current?.request === 'terminated') return this.#close('terminated', note ?? null);
      return this.#change((record) => ({
        ...atRest(record, stateAfterStop(record.request), note ?? null),
        progress: {
          ...record.progress,
          digitsWritten: this.#writer.written,
          fraction: this.#estimate.fraction,
        },
        attempts: Math.max(0, record.attempts - 1),
        messageAt: new Date().toISOString(),
      }));
    });
  }

  /** Lets go without a word: the message comes to another worker. */
  abandon(): void {
    clearInterval(this.#timer);
    this.stop('lost');
    this.#end({ handling: { againInSeconds: 0 }, isOurs: false });
  }

  async #close(state: 'failed' | 'terminated', error: string | null): Promise<boolean> {
    const isDone = await this.#change((record) => atRest(record, state, error));
    if (isDone) {
      await deletePrefix(this.#options.store, prefixOfParts(this.id));
      await this.checkpoints.clear();
    }
    return isDone;
  }

  async #finish(step: () => Promise<boolean>): Promise<boolean> {
    clearInterval(this.#timer);
    try {
      const isDone = await step();
      const record = (await this.#options.records.read(this.id))?.record;
      // One that was lost and is another worker's has that one's message.
      const needsMessage = record?.state === 'queued';
      const handling = needsMessage ? { againInSeconds: record.error === null ? 0 : 1 } : 'done';
      this.#end({ handling, isOurs: isDone });
      return isDone;
    } catch (error) {
      this.#end({ handling: { againInSeconds: 1 }, isOurs: false });
      throw error;
    }
  }

  async #publish(): Promise<void> {
    await this.#flush();
    this.#publishedAt = performance.now();
    const best = this.#options.record.progress.fraction;
    const progress = { ...this.#progress, digitsWritten: this.#writer.written };
    const hasAdvanced = progress.fraction > best + ADVANCE;
    await this.#change((record) => ({
      ...record,
      progress,
      attempts: hasAdvanced ? 1 : record.attempts,
      messageAt: new Date().toISOString(),
    }));
  }

  /** One flush after the other. */
  async #flush(): Promise<void> {
    const flush = this.#busy.then(() => this.#writer.flush());
    this.#busy = flush.catch(() => undefined);
    await flush;
  }

  async #change(change: (record: DigitRecord) => DigitRecord): Promise<boolean> {
    const updated = await this.#options.records.update(this.id, (record) =>
      isOwnedBy(record, this.#options.record.token) ? change(record) : undefined,
    );
    return updated?.isChanged === true;
  }
}
