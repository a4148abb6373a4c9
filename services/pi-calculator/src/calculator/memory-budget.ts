/** What the running jobs may take together, in bytes, and what is left of it. */
export class MemoryBudget {
  readonly #totalBytes: number;
  #takenBytes = 0;

  constructor(totalBytes: number) {
    this.#totalBytes = totalBytes;
  }

  get freeBytes(): number {
    return Math.max(0, this.#totalBytes - this.#takenBytes);
  }

  /**
   * Is there room for so much? A job that alone is too large is let through when nothing else runs: its engine then says what it
   * needs, instead of the job waiting for ever.
   */
  hasRoomFor(bytes: number): boolean {
    return this.#takenBytes === 0 || bytes <= this.freeBytes;
  }

  /** Call the returned function when the job has ended. */
  take(bytes: number): () => void {
    this.#takenBytes += bytes;
    return () => {
      this.#takenBytes -= bytes;
    };
  }
}
