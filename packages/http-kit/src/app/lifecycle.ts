import { setMaxListeners } from 'node:events';

export type LifecycleState = 'starting' | 'ready' | 'draining';

/**
 * Whether the service takes work, and how many requests it has in hand. An app that nobody starts is ready; `startServer` moves
 * it on: starting -> ready -> draining. Probes (health, readiness, metrics) answer in every state and are not counted.
 */
export class Lifecycle {
  #state: LifecycleState = 'ready';
  #inFlight = 0;
  readonly #draining = new AbortController();
  readonly #waiting: Array<() => void> = [];

  constructor() {
    // One listener per open stream or waiting answer.
    setMaxListeners(0, this.#draining.signal);
  }

  get state(): LifecycleState {
    return this.#state;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Aborts when draining begins. */
  get draining(): AbortSignal {
    return this.#draining.signal;
  }

  markStarting(): void {
    if (this.#state === 'ready') this.#state = 'starting';
  }

  markReady(): void {
    if (this.#state === 'starting') this.#state = 'ready';
  }

  drain(): void {
    this.#state = 'draining';
    this.#draining.abort();
  }

  requestBegins(): void {
    this.#inFlight += 1;
  }

  requestEnds(): void {
    this.#inFlight -= 1;
    if (this.#inFlight === 0) for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Resolves when no request is in hand. */
  async whenIdle(): Promise<void> {
    while (this.#inFlight > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
