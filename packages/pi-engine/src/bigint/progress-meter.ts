import type { EngineProgress } from '@pi-jobs/core/engine';

const reportEveryMs = 100;

interface RunningStep {
  readonly cost: number;
  readonly startedAt: number;
}

/**
 * Turns finished and running steps of known cost into a fraction that is linear in time. A running step counts by the time that
 * it has taken, at the speed of the finished ones, up to nearly its whole cost.
 */
export class ProgressMeter {
  readonly #totalCost: number;
  readonly #report: (progress: EngineProgress) => void;
  readonly #running = new Set<RunningStep>();
  readonly #timer: NodeJS.Timeout;
  #passedCost = 0;
  #timedCost = 0;
  #timedMs = 0;
  #phase = 'start';

  /** @param totalCost what the costs of all steps add up to, in milliseconds of the machine that the costs were measured on */
  constructor(totalCost: number, report: (progress: EngineProgress) => void) {
    this.#totalCost = totalCost;
    this.#report = report;
    this.#timer = setInterval(() => this.#tick(), reportEveryMs);
  }

  /** Begins a step; call the returned function when it is done. */
  begin(cost: number): () => void {
    const step: RunningStep = { cost, startedAt: performance.now() };
    this.#running.add(step);
    return () => {
      this.#running.delete(step);
      this.#timedMs += performance.now() - step.startedAt;
      this.#timedCost += cost;
      this.skip(cost);
    };
  }

  /** Counts a step as done that need not be taken. */
  skip(cost: number): void {
    this.#passedCost += cost;
  }

  enterPhase(phase: string): void {
    this.#phase = phase;
    this.#tick();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const now = performance.now();
    const speed = this.#timedMs > 0 ? this.#timedCost / this.#timedMs : 1;
    let cost = this.#passedCost;
    for (const step of this.#running) cost += Math.min(step.cost * 0.95, (now - step.startedAt) * speed);
    this.#report({ phase: this.#phase, fraction: Math.min(0.999, cost / this.#totalCost) });
  }
}
