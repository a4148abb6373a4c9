import type { DigitRequest } from '@pi-jobs/core/engine';
import { abortable } from './abortable.ts';

const chunkDigits = 65_536;

/**
 * Hands digits to a request's sink: in order, none twice, none below `firstDigit` or beyond `digitCount`, in chunks of at most
 * 65,536, each awaited before the next. Blocks of digits may be offered by several tasks at once and may overlap.
 */
export class DigitOutput {
  readonly #request: DigitRequest;
  #nextDigit: number;
  #tail: Promise<void> = Promise.resolve();
  #closed = false;
  readonly #sinkErrors = new Set<unknown>();

  constructor(request: DigitRequest) {
    this.#request = request;
    this.#nextDigit = request.firstDigit;
  }

  /** The index of the first digit that the sink has not got yet. */
  get nextDigit(): number {
    return this.#nextDigit;
  }

  /** Takes ASCII digits, the first of which has index `start`, at most `nextDigit` when its turn comes. */
  offer(start: number, asciiDigits: Uint8Array): Promise<void> {
    this.#tail = this.#tail.then(() => this.#handOver(start, asciiDigits));
    return this.#tail;
  }

  /** Whether an error is the sink's own, which the request's owner should see as it is. */
  cameFromSink(error: unknown): boolean {
    return this.#sinkErrors.has(error);
  }

  /** From now on nothing more is handed over. */
  close(): void {
    this.#closed = true;
  }

  async #handOver(start: number, asciiDigits: Uint8Array): Promise<void> {
    const { digitCount, signal, onDigits } = this.#request;
    const end = Math.min(start + asciiDigits.length, digitCount);
    while (this.#nextDigit < end && !this.#closed) {
      signal.throwIfAborted();
      const chunkEnd = Math.min(this.#nextDigit + chunkDigits, end);
      const chunk = asciiDigits.subarray(this.#nextDigit - start, chunkEnd - start);
      try {
        await abortable(signal, Promise.resolve(onDigits(chunk)));
      } catch (error) {
        this.#sinkErrors.add(error);
        throw error;
      }
      this.#nextDigit = chunkEnd;
    }
  }
}
