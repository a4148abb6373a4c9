import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

export class MutexTimeoutError extends Error {
  override readonly name = 'MutexTimeoutError';
  /** The volume cannot be used just now, as with a system error of this code. */
  readonly code = 'EBUSY';
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
  readonly #timeoutMs: number;
  #lock: Lock;
  #tail: Promise<void> = Promise.resolve();

  /** Throws the system's error when the file cannot be opened or made. */
  constructor(path: string, options: { readonly timeoutMs?: number } = {}) {
    this.#path = path;
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    this.#lock = openLock(path);
  }

  /**
   * Runs `section` while no one else on the volume is in one. Not reentrant: a section that asks again waits for itself. Rejects with
   * a `MutexTimeoutError`, or with the system's error when the volume cannot be locked (read-only, no access).
   */
  async run<T>(section: () => T | Promise<T>): Promise<T> {
    // From when it was asked, not from when its turn came: a hundred that wait for one stopped process give up together.
    const deadline = performance.now() + this.#timeoutMs;
    const before = this.#tail;
    let release = (): void => undefined;
    this.#tail = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    try {
      await this.#acquire(deadline);
      try {
        return await section();
      } finally {
        this.#lock.rollback.run();
      }
    } finally {
      release();
    }
  }

  close(): void {
    this.#lock.database.close();
  }

  /** Throws the system's error while the volume may still not be written. */
  #reopen(): void {
    accessSync(this.#path, constants.R_OK | constants.W_OK);
    this.#lock.database.close();
    this.#lock = openLock(this.#path);
  }

  async #acquire(deadline: number): Promise<void> {
    for (;;) {
      try {
        if (this.#lock.isReadOnly) this.#reopen();
        take(this.#lock);
        return;
      } catch (error) {
        if (!isBusy(error)) throwSystemError(this.#path, error);
        if (performance.now() > deadline) {
          throw new MutexTimeoutError(`other processes have held the volume for ${this.#timeoutMs} ms`);
        }
      }
      // A critical section takes a fraction of a millisecond; the jitter keeps two waiters from knocking in step.
      await delay(1 + Math.random());
    }
  }
}

interface Lock {
  readonly database: DatabaseSync;
  readonly begin: StatementSync;
  readonly rollback: StatementSync;
  /**
   * SQLite opens a file that it may not write for reading, stays with that when the volume has become writable, and locks nothing:
   * such a lock must not be taken.
   */
  readonly isReadOnly: boolean;
  hasMemoryJournal: boolean;
}

function openLock(path: string): Lock {
  try {
    const database = new DatabaseSync(path, { timeout: 0 });
    const begin = database.prepare('BEGIN EXCLUSIVE');
    const rollback = database.prepare('ROLLBACK');
    return { database, begin, rollback, isReadOnly: !isWritable(path), hasMemoryJournal: false };
  } catch (error) {
    return throwSystemError(path, error);
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function take(lock: Lock): void {
  // Even this needs a look at the file, which has to wait while another process holds it.
  if (!lock.hasMemoryJournal) lock.database.exec('PRAGMA journal_mode = MEMORY');
  lock.hasMemoryJournal = true;
  lock.begin.run();
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
