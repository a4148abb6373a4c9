import { RunnerRefusedError } from './runner-refused-error.ts';

/** A bounded number of places and a bounded line of those who wait for one, first in, first out. */
export class PlaceLine {
  readonly #maxPlaces: number;
  readonly #maxWaiting: number;
  /** In the order of their coming; a Set, so that who gives up is taken out without a search. */
  readonly #line = new Set<() => void>();
  #taken = 0;

  constructor(maxPlaces: number, maxWaiting: number) {
    this.#maxPlaces = maxPlaces;
    this.#maxWaiting = maxWaiting;
  }

  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#line.size;
  }

  /** True when the caller has a place, to be given back by `leave`; false when the signal fired first. */
  async enter(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (this.#taken < this.#maxPlaces) {
      this.#taken++;
      return true;
    }
    if (this.#line.size >= this.#maxWaiting) throw new RunnerRefusedError('line-full');
    return new Promise((resolve) => {
      const giveUp = () => {
        this.#line.delete(proceed);
        resolve(false);
      };
      const proceed = () => {
        signal.removeEventListener('abort', giveUp);
        resolve(true);
      };
      this.#line.add(proceed);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** Hands the place to the first in line, so that nobody who comes now can overtake. */
  leave(): void {
    const [first] = this.#line;
    if (first === undefined) {
      this.#taken--;
      return;
    }
    this.#line.delete(first);
    first();
  }
}
