import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { utimes } from 'node:fs/promises';
import { z } from 'zod';
import { makeFolders } from '../../files/make-folders.ts';
import { replaceFile } from '../../files/replace-file.ts';
import type { Idempotency } from '../../ports/job-store.ts';
import type { FileVolume } from '../volume/file-volume.ts';

/** A request that has no answer after this long is dead: its process was killed, or its row could not be written. */
const IN_FLIGHT_MS = 2_000;
const intentSchema = z.object({
  version: z.literal(1),
  fingerprint: z.string(),
  /** New with every attempt to answer the key; an attempt whose token was replaced may not append its row any more. */
  token: z.uuid(),
  /** The ledger's newest id before the first attempt: the key's row, if there is one, is behind it. */
  after: z.int().nonnegative(),
  /** The answer, once it is known. */
  id: z.int().positive().nullable(),
});

export type Intent = z.infer<typeof intentSchema>;

export interface StoredIntent {
  readonly intent: Intent;
  readonly isFresh: boolean;
}

export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}

export function fingerprintOf({ fingerprint }: Idempotency): string {
  return createHash('sha256').update(fingerprint).digest('hex');
}

export function readIntent(volume: FileVolume, keyHash: string): StoredIntent | undefined {
  const path = volume.layout.idempotency(keyHash);
  const file = statSync(path, { throwIfNoEntry: false });
  if (file === undefined) return undefined;
  const intent = intentSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  return { intent, isFresh: intent.id === null && Date.now() - file.mtimeMs < IN_FLIGHT_MS };
}

/**
 * Inside the mutex, or by the holder of the intent's token. Always durable: a file that a power failure left empty would have
 * forgotten the body that the key came with.
 */
export async function writeIntent(volume: FileVolume, keyHash: string, intent: Intent): Promise<void> {
  const { layout } = volume;
  await makeFolders(layout.idempotencyFolder(keyHash));
  await replaceFile(layout.idempotency(keyHash), `${JSON.stringify(intent)}\n`, {
    temporaryFolder: layout.temporary,
    durable: true,
  });
}

/** Lets the next request with the key try at once: the attempt has failed and is in flight no more. Needs no space. */
export async function releaseIntent(volume: FileVolume, keyHash: string): Promise<void> {
  const past = new Date(Date.now() - IN_FLIGHT_MS);
  await utimes(volume.layout.idempotency(keyHash), past, past).catch(() => undefined);
}

/** The job that an earlier attempt made for the key and did not live to note, or undefined. */
export function findRowOfKey(volume: FileVolume, keyHash: string, after: number): number | undefined {
  volume.ledger.refresh();
  for (let id = after + 1; id <= volume.ledger.lastId; id += 1) {
    if (volume.creation.detailsOf(id)?.keyHash === keyHash) return id;
  }
  return undefined;
}
