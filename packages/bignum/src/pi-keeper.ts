/** A part of a computation's state as it was kept: some figures and the bytes of its numbers, one behind the other. */
export interface KeptState {
  readonly figures: Readonly<Record<string, number>>;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Keeps parts of the state of one computation, for one number of decimals, by name. */
export interface PiKeeper {
  /** What there is from an earlier run, and what was saved since. */
  names(): Promise<readonly string[]>;
  /** Undefined when there is none or it is damaged. */
  load(name: string): Promise<KeptState | undefined>;
  /**
   * The parts lie in shared memory and stay as they are until the promise is settled. Resolves with false when they could not be
   * saved: that costs the next run time, this one nothing.
   */
  save(
    name: string,
    figures: Readonly<Record<string, number>>,
    parts: readonly Uint8Array[],
  ): Promise<boolean>;
  delete(name: string): Promise<void>;
  /** Whether so much work is at risk that saving so many bytes is worth its time. */
  isDue(bytes: number): boolean;
}
