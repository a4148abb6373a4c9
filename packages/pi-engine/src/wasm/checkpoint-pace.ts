/** Before the first write its speed is taken to be that of a slow disk, in bytes a second. */
const assumedSpeed = 200e6;
/** A write may take this share of the time since the last one. */
const share = 1 / 25;

export interface PaceOptions {
  /** Never more often than that, so that a run of a few seconds writes none. Default 5. */
  readonly leastSeconds?: number;
  /** As much work may be at risk, however long a write takes. Default 15: with the longest step it stays below 30. */
  readonly mostSeconds?: number;
}

/** When the next checkpoint is worth its time: by how long the last ones took and how much work is at risk. */
export class CheckpointPace {
  readonly #least: number;
  readonly #most: number;
  readonly #now: () => number;
  #bytes = 0;
  #seconds = 0;
  #savedAt: number;

  /** `now` in milliseconds. */
  constructor({ leastSeconds = 5, mostSeconds = 15 }: PaceOptions = {}, now = () => performance.now()) {
    this.#least = leastSeconds;
    this.#most = mostSeconds;
    this.#now = now;
    this.#savedAt = now();
  }

  isDue(bytes: number): boolean {
    const atRisk = (this.#now() - this.#savedAt) / 1000;
    return atRisk >= Math.min(this.#most, Math.max(this.#least, this.secondsFor(bytes) / share));
  }

  /** How long it will take to write so much. */
  secondsFor(bytes: number): number {
    return bytes / (this.#seconds === 0 ? assumedSpeed : this.#bytes / this.#seconds);
  }

  wrote(bytes: number, seconds: number): void {
    this.#bytes += bytes;
    this.#seconds += seconds;
    this.#savedAt = this.#now();
  }
}
