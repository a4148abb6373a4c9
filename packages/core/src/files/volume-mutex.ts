import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
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
 * transaction on an empty database is a lock and nothing else. Its journal is kept in memory, so nothing is ever written to the
 * volume: a full one can be locked too. Holders inside one process take turns in the order they asked.
 *
 * A holder that is stopped (SIGSTOP) keeps the lock: the others wait, and give up with a `MutexTimeoutError`, rather than go on
 * beside it.
 */
export class VolumeMutex {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #rollback: StatementSync;
  readonly #timeoutMs: number;
  #hasMemoryJournal = false;
  #tail: Promise<void> = Promise.resolve();

  /** Throws the system's error when the file cannot be opened or made. */
  constructor(path: string, options: { readonly timeoutMs?: number } = {}) {
    this.#path = path;
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    this.#database = openDatabase(path);
    this.#begin = this.#database.prepare('BEGIN EXCLUSIVE');
    this.#rollback = this.#database.prepare('ROLLBACK');
  }

  /**
   * Runs `section` while no one else on the volume is in one. Not reentrant: a section that asks again waits for itself. Rejects with
   * a `MutexTimeoutError`, or with the system's error when the volume cannot be locked (read-only, no access).
   */
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
        // Even this needs a look at the file, which has to wait while another process holds it.
        if (!this.#hasMemoryJournal) this.#database.exec('PRAGMA journal_mode = MEMORY');
        this.#hasMemoryJournal = true;
        this.#begin.run();
        return;
      } catch (error) {
        if (!isBusy(error)) throwSystemError(this.#path, error);
        if (performance.now() > deadline) {
          throw new MutexTimeoutError(`another process has held the volume for ${this.#timeoutMs} ms`);
        }
      }
      // A critical section takes a fraction of a millisecond; the jitter keeps two waiters from knocking in step.
      await delay(1 + Math.random());
    }
  }
}

function openDatabase(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: 0 });
  } catch (error) {
    return throwSystemError(path, error);
  }
}

/**
 * SQLite keeps the system's error code to itself; asking for access tells it. The file is not opened for that: closing it again
 * would drop every POSIX lock that this process has on it.
 */
function throwSystemError(path: string, error: unknown): never {
  accessSync(existsSync(path) ? path : dirname(path), constants.R_OK | constants.W_OK);
  throw error;
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}
