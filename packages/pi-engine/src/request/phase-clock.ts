/** Wall-clock seconds by phase, for a computation that goes through its phases one after the other. */
export class PhaseClock {
  readonly #seconds: Record<string, number> = {};
  #phase: string | undefined;
  #enteredAt = 0;

  /** Ends the phase that was and begins this one. */
  enter(phase: string): void {
    this.#settle();
    this.#phase = phase;
  }

  /** Ends the last phase and tells what each took. */
  stop(): Readonly<Record<string, number>> {
    this.#settle();
    this.#phase = undefined;
    return this.#seconds;
  }

  #settle(): void {
    const now = performance.now();
    if (this.#phase !== undefined) {
      this.#seconds[this.#phase] = (this.#seconds[this.#phase] ?? 0) + (now - this.#enteredAt) / 1000;
    }
    this.#enteredAt = now;
  }
}
