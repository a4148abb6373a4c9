import type { TransferPage, TransferQuery, Worker } from '../../ports/worker-slots.ts';
import type { FileVolume } from '../volume/file-volume.ts';
import { viewWorker } from './read-worker.ts';

/** One page, newest first; the cursor is the place of its last transfer in that order. */
export async function listTransfers(
  volume: FileVolume,
  { kind, limit, cursor, state }: TransferQuery,
): Promise<TransferPage> {
  const records = (await volume.workers.listAll()).filter((record) => record.kind === kind);
  const workers = records
    .map((record) => viewWorker(volume, record))
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
