import { closeSync, openSync, readSync } from 'node:fs';
import { errnoCode } from '../files/errno.ts';

/** What the ledger's two columns have no room for, fixed at the creation of a job. */
export interface CreationDetails {
  /** ISO 8601, UTC, milliseconds: 24 characters. */
  readonly createdAt: string;
  readonly verify: boolean;
  /** First 32 hexadecimal digits of the SHA-256 of the request's idempotency key. */
  readonly keyHash?: string;
}

const NO_KEY = '-'.repeat(32);
const ROW = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([0-9a-f]{32}|-{32}) ([v.])\.{4}\n$/;

/** Bytes of every row: the details of job `id` are at `(id - 1) * CREATION_ROW_BYTES`. */
export const CREATION_ROW_BYTES = 64;

export function formatCreationRow(details: CreationDetails): string {
  return `${details.createdAt} ${details.keyHash ?? NO_KEY} ${details.verify ? 'v' : '.'}....\n`;
}

/**
 * Reads `created.txt`, the table beside the ledger. A row is written before the ledger's row and is made durable with it, so every
 * acknowledged job has one; a ledger that was written by hand has none.
 */
export class CreationTable {
  readonly #path: string;
  readonly #row = Buffer.alloc(CREATION_ROW_BYTES);
  #descriptor: number | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Synchronous: one read of 64 bytes. Undefined when there is no such row or it is not whole. */
  detailsOf(id: number): CreationDetails | undefined {
    const descriptor = this.#open();
    if (descriptor === undefined) return undefined;
    const bytes = readSync(descriptor, this.#row, 0, CREATION_ROW_BYTES, (id - 1) * CREATION_ROW_BYTES);
    const [, createdAt, keyHash, verify] = ROW.exec(this.#row.toString('latin1', 0, bytes)) ?? [];
    if (createdAt === undefined || keyHash === undefined) return undefined;
    return { createdAt, verify: verify === 'v', ...(keyHash === NO_KEY ? {} : { keyHash }) };
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #open(): number | undefined {
    if (this.#descriptor !== undefined) return this.#descriptor;
    try {
      this.#descriptor = openSync(this.#path, 'r');
    } catch (error) {
      if (errnoCode(error) !== 'ENOENT') throw error;
    }
    return this.#descriptor;
  }
}
