import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { z } from 'zod';
import { type Idempotency, IdempotencyError } from '../../ports/job-store.ts';
import { type ObjectStore, VersionConflictError } from '../../ports/object-store.ts';
import { newJobUuid } from './new-job-uuid.ts';

const keySchema = z.object({ version: z.literal(1), fingerprint: z.string(), id: z.uuid() });

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A key is honoured for a day at least; this long after it was written it is forgotten. */
const KEPT_MS = 48 * 3600 * 1000;
const PREFIX = 'idempotency/';

/** Forgets keys that were written two days before `now` or earlier. */
export async function sweepKeyObjects(store: ObjectStore, now = Date.now()): Promise<void> {
  for (let after: string | undefined, hasMore = true; hasMore; ) {
    const page = await store.list(PREFIX, after === undefined ? {} : { after });
    for (const { key, modifiedAt } of page.objects) {
      if (now - modifiedAt.getTime() >= KEPT_MS) await store.delete(key);
    }
    after = page.objects.at(-1)?.key;
    hasMore = page.hasMore && after !== undefined;
  }
}

/**
 * The job that an `Idempotency-Key` stands for, at `idempotency/<hash of the key>`: its id is chosen before the job is made, by the
 * first who writes the object. Every request with the key then makes that very job, which can be made once; so it does not matter
 * where an earlier one was killed, and none has to wait for another.
 */
export async function jobIdOfKey(store: ObjectStore, idempotency: Idempotency): Promise<string> {
  const key = `${PREFIX}${hash(idempotency.key).slice(0, 32)}`;
  const mine = { version: 1 as const, fingerprint: hash(idempotency.fingerprint), id: newJobUuid() };
  try {
    await store.put(key, Buffer.from(JSON.stringify(mine)), { ifVersion: null });
    return mine.id;
  } catch (error) {
    if (!(error instanceof VersionConflictError)) throw error;
  }
  const object = await store.get(key);
  if (object === undefined) throw new IdempotencyError('in-flight', 'the key is just being taken');
  const first = keySchema.parse(JSON.parse(String(await buffer(object.body))));
  if (first.fingerprint === mine.fingerprint) return first.id;
  throw new IdempotencyError('mismatch', 'this Idempotency-Key was used with another request body');
}
