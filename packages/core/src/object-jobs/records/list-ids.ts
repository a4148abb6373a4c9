import type { ObjectStore } from '../../ports/object-store.ts';
import { idAtTime, timeOfId } from './time-of-id.ts';

export const JOBS_PREFIX = 'jobs/';

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Can this be the id of a job in an object store? In lower case, as ids are given out. */
export function isJobUuid(id: string): boolean {
  return ID.test(id);
}

const FIRST_SPAN_MS = 60_000;

/** Ids of the job records made at `from` (milliseconds since 1970) or later, oldest first. */
export async function* listIdsFrom(store: ObjectStore, from: number): AsyncGenerator<string> {
  for (let after = JOBS_PREFIX + idAtTime(from); ; ) {
    const { objects, hasMore } = await store.list(JOBS_PREFIX, { after });
    for (const { key } of objects) {
      const id = key.slice(JOBS_PREFIX.length);
      if (isJobUuid(id)) yield id;
    }
    const last = objects.at(-1);
    if (!hasMore || last === undefined) return;
    after = last.key;
  }
}

/**
 * Ids of the job records before `before` (all of them without it), newest first. A store lists upwards only, but ids tell their
 * time: so spans of time are listed, from the newest to the oldest, each twice as long as the one before. A page of n jobs costs the
 * keys of about 2n.
 */
export async function* listIdsNewestFirst(store: ObjectStore, before?: string): AsyncGenerator<string> {
  const first = await listIdsFrom(store, 0).next();
  if (first.done === true) return;
  const oldest = timeOfId(first.value);
  // One made a moment ago by a clock that is ahead of this one is seen a moment later.
  let end = before ?? idAtTime(Date.now() + FIRST_SPAN_MS);
  let endTime = before === undefined ? Date.now() + FIRST_SPAN_MS : timeOfId(before) + 1;
  for (let span = FIRST_SPAN_MS; endTime > oldest; span *= 2) {
    const startTime = endTime - span;
    const ids: string[] = [];
    for await (const id of listIdsFrom(store, startTime)) {
      if (id >= end) break;
      ids.push(id);
    }
    yield* ids.reverse();
    end = idAtTime(startTime);
    endTime = startTime;
  }
}
