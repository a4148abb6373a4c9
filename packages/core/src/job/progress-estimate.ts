/** What a worker tells of its job while it runs. */
export interface JobBeat {
  readonly phase: string;
  readonly fraction: number;
  readonly etaSeconds: number | null;
  readonly digitsPerSecond: number | null;
}

/**
 * Turns an engine's fractions into what people see: a fraction that never goes back, digits per second, and an ETA.
 *
 * The engine's fraction is linear in time, so the ETA is `elapsed * (1 - f) / (f - f0)` from where this run began. `f0` is the
 * first fraction that the engine tells: what an earlier run left in checkpoints was not done in this run's time.
 */
export class ProgressEstimate {
  readonly #digitsBefore: number;
  readonly #now: () => number;
  readonly #startedAt: number;
  #fraction: number;
  #first: { readonly at: number; readonly fraction: number } | undefined;

  constructor(fraction: number, digitsBefore: number, now: () => number = () => performance.now()) {
    this.#fraction = fraction;
    this.#digitsBefore = digitsBefore;
    this.#now = now;
    this.#startedAt = now();
  }

  /** 0 to 1; what an earlier run had reached is shown until this one is further. */
  get fraction(): number {
    return this.#fraction;
  }

  /** Before the engine has told anything: what goes before its work is no part of its speed. */
  waiting(): JobBeat {
    return { phase: 'waiting', fraction: this.#fraction, etaSeconds: null, digitsPerSecond: null };
  }

  /** A fraction that is no number counts as no news: it must not reach the lease, which others read. */
  update(phase: string, told: number, digits: number): JobBeat {
    const fraction = Number.isFinite(told) ? Math.min(1, Math.max(0, told)) : this.#fraction;
    const now = this.#now();
    this.#fraction = Math.max(this.#fraction, fraction);
    this.#first ??= { at: now, fraction };
    const seconds = (now - this.#first.at) / 1000;
    const gained = fraction - this.#first.fraction;
    const totalSeconds = (now - this.#startedAt) / 1000;
    return {
      phase,
      fraction: this.#fraction,
      etaSeconds: gained > 0 && seconds > 0 ? finite((seconds * (1 - fraction)) / gained) : null,
      digitsPerSecond: totalSeconds > 0 ? round((digits - this.#digitsBefore) / totalSeconds) : null,
    };
  }
}

/** What is too far off to tell is not told. */
function finite(seconds: number): number | null {
  return Number.isFinite(seconds) ? round(seconds) : null;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
