import type { JobState } from '../../job/job-state.ts';
import { InvalidCursorError } from '../../ports/job-store.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { isJobUuid, listIdsNewestFirst } from './list-ids.ts';

/** A page looks at no more records than this, so that it takes bounded time however rare the state is; and so does a count. */
export const RECORDS_PER_PAGE = 1_000;

export interface PageQuery {
  readonly limit: number;
  /** The id of the last record that an earlier page looked at. */
  readonly cursor?: string;
  readonly state?: JobState;
}

/**
 * A page of the jobs in an object store, newest first, of those that `read` knows: a record that cannot be read must not keep the
 * others from being listed. It may have fewer than `limit`, none even, and a cursor all the same. Rejects with `InvalidCursorError`
 * when the cursor is none.
 */
export async function pageOfRecords<Job extends { readonly state: JobState }>(
  store: ObjectStore,
  { limit, cursor, state }: PageQuery,
  read: (id: string) => Promise<Job | undefined>,
): Promise<{ readonly jobs: readonly Job[]; readonly nextCursor: string | null }> {
  if (cursor !== undefined && !isJobUuid(cursor)) {
    throw new InvalidCursorError('cursor must be a next_cursor of an earlier answer');
  }
  const jobs: Job[] = [];
  let last: string | undefined;
  let looked = 0;
  for await (const id of listIdsNewestFirst(store, cursor)) {
    if (jobs.length === limit || looked === RECORDS_PER_PAGE) return { jobs, nextCursor: last ?? null };
    looked += 1;
    last = id;
    const job = await read(id);
    if (job !== undefined && (state === undefined || job.state === state)) jobs.push(job);
  }
  return { jobs, nextCursor: null };
}
