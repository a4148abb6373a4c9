import { buffer } from 'node:stream/consumers';
import { z } from 'zod';
import { type ObjectStore, VersionConflictError } from '../../ports/object-store.ts';

const KEY = 'state/longest';
const schema = z.object({ id: z.uuid(), num: z.int().positive() });

export type LongestResult = z.infer<typeof schema>;

export async function readLongest(store: ObjectStore): Promise<LongestResult | undefined> {
  return (await read(store))?.longest;
}

/** Makes this result the longest one unless there is a longer. */
export async function offerLongest(store: ObjectStore, result: LongestResult): Promise<void> {
  for (;;) {
    const current = await read(store);
    if (current !== undefined && current.longest.num >= result.num) return;
    try {
      await store.put(KEY, Buffer.from(JSON.stringify(result)), { ifVersion: current?.version ?? null });
      return;
    } catch (error) {
      if (!(error instanceof VersionConflictError)) throw error;
    }
  }
}

async function read(store: ObjectStore) {
  const object = await store.get(KEY);
  if (object === undefined) return undefined;
  const longest = schema.parse(JSON.parse(String(await buffer(object.body))));
  return { longest, version: object.version };
}
