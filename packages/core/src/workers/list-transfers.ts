import { InvalidCursorError } from '../ports/job-store.ts';
import type { TransferPage, TransferQuery, Worker } from '../ports/worker-slots.ts';
import { viewWorker } from './view-worker.ts';
import type { KnownWorker } from './worker-registry.ts';

const PLACE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [0-9a-f-]{36}$/;

/** One page, newest first; the cursor is the place of its last transfer in that order. Throws an `InvalidCursorError` when it is none. */
export function pageOfTransfers(
  known: readonly KnownWorker[],
  { kind, limit, cursor, state }: TransferQuery,
): TransferPage {
  if (cursor !== undefined && !PLACE.test(cursor)) {
    throw new InvalidCursorError('cursor must be a next_cursor of an earlier answer');
  }
  const workers = known
    .filter(({ record }) => record.kind === kind)
    .map(viewWorker)
    .filter((worker) => state === undefined || worker.state === state)
    .filter((worker) => cursor === undefined || placeOf(worker) < cursor)
    .sort((a, b) => (placeOf(a) < placeOf(b) ? 1 : -1));
  const page = workers.slice(0, limit);
  const last = page.at(-1);
  return { workers: page, nextCursor: workers.length > limit && last !== undefined ? placeOf(last) : null };
}

function placeOf({ startedAt, workerId }: Worker): string {
  return `${startedAt} ${workerId}`;
}
