import type { UnfinishedCounts } from '../../ports/job-store.ts';
import type { FileVolume } from '../volume/file-volume.ts';
import { readCursor } from '../work/line-cursor.ts';
import { stateOf } from './read-job.ts';

/** Jobs behind the cursor count as queued without a look at each; one that was terminated there before its turn counts too many. */
export async function countUnfinished(volume: FileVolume): Promise<UnfinishedCounts> {
  volume.ledger.refresh();
  const cursor = await readCursor(volume);
  const counts = { queued: Math.max(0, volume.ledger.lastId - cursor), running: 0, paused: 0 };
  for (const id of await volume.records.listOpen()) {
    const num = volume.ledger.numOf(id);
    if (num === undefined) continue;
    const state = stateOf(volume, id, num, volume.records.read(id, num));
    if (id > cursor) counts.queued -= 1;
    if (state === 'queued' || state === 'running' || state === 'paused') counts[state] += 1;
  }
  return counts;
}
