import { StopError, type StopReason } from '../ports/work-queue.ts';
import type { ControlledTransfer, TransferProgress } from '../ports/worker-slots.ts';

/** The rate is that of the last seconds, not of the whole transfer, which may have been paused. */
const RATE_WINDOW_MS = 2_000;
/** A first figure comes sooner; before that the buffers on the way are all that is measured. */
const FIRST_RATE_MS = 500;

type Wish = 'running' | 'paused' | 'terminated';

/**
 * Lets a transfer's bytes through, or not. It is paused in truth once no chunk is between `admit` and `moved`: then `onPaused` is
 * called, and until the transfer goes on not one byte is counted.
 */
export class TransferGate implements Pick<ControlledTransfer, 'signal' | 'admit' | 'moved'> {
  readonly #stop = new AbortController();
  readonly #total: number | null;
  readonly #onChange: () => void;
  #wish: Wish = 'running';
  #isMoving = false;
  #bytes = 0;
  #open: (() => void) | undefined;
  #opened: Promise<void> = Promise.resolve();
  #window: { readonly at: number; readonly bytes: number };
  #rate: number | null = null;

  constructor(total: number | null, onChange: () => void) {
    this.#total = total;
    this.#onChange = onChange;
    this.#window = { at: performance.now(), bytes: 0 };
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** What is true now. */
  get state(): 'running' | 'paused' {
    return this.#wish === 'paused' && !this.#isMoving ? 'paused' : 'running';
  }

  get progress(): TransferProgress {
    return {
      bytes: this.#bytes,
      total: this.#total,
      bytesPerSecond: this.state === 'paused' ? 0 : this.#rate,
    };
  }

  /** What a client wants; true at once, or when the chunk that is on its way has arrived. */
  wish(wish: Wish): void {
    if (wish === this.#wish || this.#wish === 'terminated') return;
    if (wish === 'terminated') {
      this.stop('terminate');
      return;
    }
    this.#wish = wish;
    if (wish === 'paused') {
      this.#opened = new Promise((resolve) => {
        this.#open = resolve;
      });
    } else {
      this.#window = { at: performance.now(), bytes: this.#bytes };
      this.#open?.();
    }
    this.#onChange();
  }

  /** Not one byte more passes. */
  stop(reason: StopReason): void {
    if (this.#wish === 'terminated') return;
    this.#wish = 'terminated';
    this.#open?.();
    this.#stop.abort(new StopError(reason));
    this.#onChange();
  }

  async admit(): Promise<void> {
    while (this.#wish === 'paused') await this.#opened;
    this.signal.throwIfAborted();
    this.#isMoving = true;
  }

  moved(bytes: number): void {
    this.#bytes += bytes;
    this.#isMoving = false;
    const now = performance.now();
    const elapsed = now - this.#window.at;
    if (elapsed >= (this.#rate === null ? FIRST_RATE_MS : RATE_WINDOW_MS)) {
      this.#rate = Math.round(((this.#bytes - this.#window.bytes) * 1000) / elapsed);
      this.#window = { at: now, bytes: this.#bytes };
    }
    this.#onChange();
  }
}
