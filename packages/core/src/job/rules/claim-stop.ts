import { StopError, type StopReason } from '../../ports/work-queue.ts';

/** The two signals of a claim: the first word ends the computing, a later one may end what is done to keep it. */
export class ClaimStop {
  readonly #stop = new AbortController();
  readonly #discard = new AbortController();

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  get discard(): AbortSignal {
    return this.#discard.signal;
  }

  stop(reason: StopReason): void {
    const error = new StopError(reason);
    if (reason === 'terminate' || reason === 'lost') this.#discard.abort(error);
    this.#stop.abort(error);
  }
}
