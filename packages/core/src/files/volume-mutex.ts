import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

export class MutexTimeoutError extends Error {
  override readonly name = 'MutexTimeoutError';
}

/**
 * Mutual exclusion between every process that shares a volume, released by the kernel at whatever instruction its holder dies.
 *
 * Node.js has no advisory locks of its own. A lock file made with O_EXCL outlives a killed holder, and breaking a stale one is a
 * race that ends with two owners. SQLite, which ships inside Node.js, takes POSIX byte-range locks (`fcntl`): an exclusive
 * transaction on an empty database is a lock and nothing else. Nothing is ever written to the file. One taking costs about
 * 40 microseconds. Holders inside one process take turns in the order they asked.
 *
 * A holder that is stopped (SIGSTOP) keeps the lock: the others wait, and give up with a `MutexTimeoutError`, rather than go on
 * beside it.
 */
export class VolumeMutex {
  readonly #database: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #rollback: StatementSync;
  readonly #timeoutMs: number;
  #tail: Promise<void> = Promise.resolve();

  constructor(path: string, options: { readonly timeoutMs?: number } = {}) {
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    this.#database = new DatabaseSync(path, { timeout: 0 });
    this.#begin = this.#database.prepare('BEGIN EXCLUSIVE');
    this.#rollback = this.#database.prepare('ROLLBACK');
  }

  /** Runs `section` while no one else on the volume is in one. Not reentrant: a section that asks again waits for itself. */
  async run<T>(section: () => T | Promise<T>): Promise<T> {
    const before = this.#tail;
    let release = (): void => undefined;
    this.#tail = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    try {
      await this.#acquire();
      try {
        return await section();
      } finally {
        this.#rollback.run();
      }
    } finally {
      release();
    }
  }

  close(): void {
    this.#database.close();
  }

  async #acquire(): Promise<void> {
    const deadline = performance.now() + this.#timeoutMs;
    for (;;) {
      try {
        this.#begin.run();
        return;
      } catch (error) {
        if (!isBusy(error)) throw error;
        if (performance.now() > deadline) {
          throw new MutexTimeoutError(`another process has held the volume for ${this.#timeoutMs} ms`);
        }
      }
      // A critical section takes a fraction of a millisecond; the jitter keeps two waiters from knocking in step.
      await delay(1 + Math.random());
    }
  }
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}
