import type { DigitJob } from '../job/job.ts';
import { parseCountedId } from '../job/job.ts';
import { InvalidCursorError, type JobPage, type JobQuery } from '../ports/job-store.ts';
import type { FileVolume } from './file-volume.ts';
import { readJob } from './read-job.ts';

/** A filtered page looks at no more rows than this, so that it takes bounded time however rare the state is. */
const ROWS_PER_PAGE = 5_000;

/** One page, newest first; the cursor is the oldest id that was looked at. */
export function listJobs(volume: FileVolume, query: JobQuery): JobPage {
  volume.ledger.refresh();
  const before = query.cursor === undefined ? volume.ledger.lastId + 1 : parseCountedId(query.cursor);
  if (before === undefined) throw new InvalidCursorError('cursor must be a next_cursor of an earlier answer');
  const jobs: DigitJob[] = [];
  let id = before - 1;
  for (let rows = 0; id >= 1 && rows < ROWS_PER_PAGE && jobs.length < query.limit; id -= 1, rows += 1) {
    const job = readJob(volume, id);
    if (job !== undefined && (query.state === undefined || job.state === query.state)) jobs.push(job);
  }
  return { jobs, nextCursor: id >= 1 ? String(id + 1) : null };
}
