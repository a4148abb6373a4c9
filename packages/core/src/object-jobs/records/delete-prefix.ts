import type { ObjectStore } from '../../ports/object-store.ts';

/** Removes every object of a prefix. */
export async function deletePrefix(store: ObjectStore, prefix: string): Promise<void> {
  for (;;) {
    const { objects, hasMore } = await store.list(prefix);
    for (const { key } of objects) await store.delete(key);
    if (!hasMore) return;
  }
}
