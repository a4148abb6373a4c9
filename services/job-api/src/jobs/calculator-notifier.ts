import type { JobId } from '@pi-jobs/core';
import type { Logger } from 'pino';

const TIMEOUT_MS = 2_000;
const SILENCE_AFTER_FAILURE_MS = 1_000;

interface NewJob {
  readonly id: JobId;
  readonly num: number;
}

/**
 * Tells the calculator that there is work, without making anybody wait: the calculator finds its work in the ledger, the call only
 * saves it the wait for its next look. So one call is under way at most, and of the jobs that came meanwhile only the newest is told.
 */
export class CalculatorNotifier {
  readonly #url: string;
  readonly #log: Logger;
  #newest: NewJob | undefined;
  #calling: Promise<void> | undefined;
  #silentUntil = 0;

  constructor(calculatorUrl: string, log: Logger) {
    this.#url = `${calculatorUrl}/calculations`;
    this.#log = log;
  }

  notify(job: NewJob): void {
    if (Date.now() < this.#silentUntil) return;
    this.#newest = job;
    this.#calling ??= this.#callWhileNew().finally(() => {
      this.#calling = undefined;
    });
  }

  /** Waits for the call that is under way. */
  async close(): Promise<void> {
    await this.#calling;
  }

  async #callWhileNew(): Promise<void> {
    while (this.#newest !== undefined) {
      const job = this.#newest;
      this.#newest = undefined;
      try {
        const response = await fetch(this.#url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ job_id: Number(job.id), num: job.num }),
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        await response.body?.cancel();
      } catch (error) {
        this.#log.debug({ err: error }, 'the calculator does not answer; it will find the job in the ledger');
        this.#silentUntil = Date.now() + SILENCE_AFTER_FAILURE_MS;
        this.#newest = undefined;
      }
    }
  }
}
