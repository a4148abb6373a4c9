import type { ObjectInfo, ObjectStore } from '@pi-jobs/core';

/** Every object of a prefix, in the order of their keys. */
export async function* listObjects(store: ObjectStore, prefix: string): AsyncGenerator<ObjectInfo> {
  for (let after: string | undefined; ; ) {
    const { objects, hasMore } = await store.list(prefix, after === undefined ? {} : { after });
    yield* objects;
    after = objects.at(-1)?.key;
    if (!hasMore || after === undefined) return;
  }
}
