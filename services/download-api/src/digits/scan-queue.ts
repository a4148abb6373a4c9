/**
 * Lets a few scans of whole results run at once and the others wait in line: each is bound by the processor, and more at once would
 * only make all of them, and every other request, slower.
 */
export class ScanQueue {
  readonly #waiting: Array<() => void> = [];
  #free: number;

  constructor(atOnce = 2) {
    this.#free = atOnce;
  }

  /** Rejects with the signal's reason when it fires while the scan waits; the scan itself must watch the signal. */
  async run<T>(signal: AbortSignal, scan: () => Promise<T>): Promise<T> {
    await this.#enter(signal);
    try {
      return await scan();
    } finally {
      this.#leave();
    }
  }

  async #enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const start = (): void => {
        signal.removeEventListener('abort', leaveLine);
        resolve();
      };
      const leaveLine = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(start), 1);
        reject(signal.reason);
      };
      signal.addEventListener('abort', leaveLine, { once: true });
      this.#waiting.push(start);
    });
  }

  /** The place goes straight to the next in line. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
