import type { ProgressMeter } from './progress-meter.ts';
import type { TaskInput, TaskKind, TaskOutput } from './tasks.ts';
import type { WorkerPool } from './worker-pool.ts';

export interface StepOptions {
  /** Lower runs first. */
  readonly priority: number;
  /** From the cost model, in milliseconds. */
  readonly cost: number;
}

/** Runs the steps of one computation on the pool, tells the meter, and watches over what goes on in the background. */
export class StepRunner {
  readonly #pool: WorkerPool;
  readonly #meter: ProgressMeter;
  readonly #background: Promise<unknown>[] = [];
  readonly #failure = Promise.withResolvers<never>();

  constructor(pool: WorkerPool, meter: ProgressMeter) {
    this.#pool = pool;
    this.#meter = meter;
    this.#failure.promise.catch(() => {});
  }

  /** Rejects as soon as anything in the background does; never resolves. */
  get failure(): Promise<never> {
    return this.#failure.promise;
  }

  async run<K extends TaskKind>(
    kind: K,
    input: TaskInput<K>,
    { priority, cost }: StepOptions,
  ): Promise<TaskOutput<K>> {
    let finish = (): void => {};
    const output = await this.#pool.run(kind, input, priority, () => {
      finish = this.#meter.begin(cost);
    });
    finish();
    return output;
  }

  /** Lets the meter watch work that does not run on the pool but on so many threads of its own. */
  async watch<T>(work: Promise<T>, cost: number, threads: number): Promise<T> {
    const finishers = Array.from({ length: threads }, () => this.#meter.begin(cost / threads));
    const result = await work;
    for (const finish of finishers) finish();
    return result;
  }

  skip(cost: number): void {
    this.#meter.skip(cost);
  }

  enterPhase(phase: string): void {
    this.#meter.enterPhase(phase);
  }

  /** Lets a promise go on by itself; `failure` and `backgroundDone` see what becomes of it. */
  inBackground(work: Promise<unknown>): void {
    this.#background.push(work);
    work.catch(this.#failure.reject);
  }

  async backgroundDone(): Promise<void> {
    await Promise.all(this.#background);
  }
}
