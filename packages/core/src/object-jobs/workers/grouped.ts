/** Runs a step for everybody who asks: those who ask while it runs share the next run, so that no answer is older than its question. */
export class Grouped<T> {
  readonly #step: () => Promise<T>;
  #current: Promise<unknown> = Promise.resolve();
  #next: Promise<T> | undefined;

  constructor(step: () => Promise<T>) {
    this.#step = step;
  }

  run(): Promise<T> {
    this.#next ??= this.#after(this.#current);
    return this.#next;
  }

  async #after(before: Promise<unknown>): Promise<T> {
    await before.catch(() => undefined);
    const run = this.#step();
    this.#current = run;
    this.#next = undefined;
    return run;
  }
}
