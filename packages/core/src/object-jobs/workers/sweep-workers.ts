import { isTerminal } from '../../job/job-state.ts';
import type { WorkerObjects } from './worker-objects.ts';

/** `/status` knows ended worker ids for a day. */
const KEPT_MS = 24 * 3600 * 1000;

/** Removes what ended more than a day ago, and the signs of life of processes that are gone. */
export async function sweepWorkers(objects: WorkerObjects): Promise<void> {
  const isOld = (modifiedAt: Date): boolean => Date.now() - modifiedAt.getTime() >= KEPT_MS;
  for (const { id, info, record } of await objects.workers.readAll()) {
    if (!isOld(info.modifiedAt)) continue;
    const { job } = await objects.know(record);
    if (isTerminal(job?.state ?? record.state)) await objects.workers.delete(id);
  }
  for (const { id, info } of await objects.leases.readAll()) {
    if (isOld(info.modifiedAt)) await objects.leases.delete(id);
  }
}
