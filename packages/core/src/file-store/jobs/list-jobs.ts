import { setImmediate } from 'node:timers/promises';
import { type DigitJob, parseCountedId } from '../../job/job.ts';
import { InvalidCursorError, type JobPage, type JobQuery } from '../../ports/job-store.ts';
import type { FileVolume } from '../volume/file-volume.ts';
import { readJob } from './read-job.ts';

/** A filtered page looks at no more jobs than this, so that it takes bounded time however rare the state is. */
const JOBS_PER_PAGE = 5_000;
/** Looks are synchronous: after so many the other requests have their turn. */
const LOOKS_AT_A_STRETCH = 50;

/** One page, newest first; the cursor is the oldest id that was looked at. */
export async function listJobs(volume: FileVolume, query: JobQuery): Promise<JobPage> {
  volume.ledger.refresh();
  const end = volume.ledger.lastId + 1;
  const cursor = query.cursor === undefined ? end : parseCountedId(query.cursor);
  if (cursor === undefined) throw new InvalidCursorError('cursor must be a next_cursor of an earlier answer');
  const before = Math.min(cursor, end);
  const jobs: DigitJob[] = [];
  let looked = 0;
  for (const id of await candidates(volume, before, query)) {
    if (jobs.length === query.limit || looked === JOBS_PER_PAGE) return { jobs, nextCursor: String(id + 1) };
    looked += 1;
    if (looked % LOOKS_AT_A_STRETCH === 0) await setImmediate();
    const job = readJob(volume, id);
    if (job !== undefined && (query.state === undefined || job.state === query.state)) jobs.push(job);
  }
  return { jobs, nextCursor: null };
}

/** Ids that can be in the page, newest first. Running and paused jobs have an open record, so only those need a look. */
async function candidates(
  volume: FileVolume,
  before: number,
  { state }: JobQuery,
): Promise<Iterable<number>> {
  if (state !== 'running' && state !== 'paused') return downFrom(before - 1);
  const open = await volume.records.listOpen();
  return open.reverse().filter((id) => id < before);
}

function* downFrom(id: number): Generator<number> {
  for (let next = id; next >= 1; next -= 1) yield next;
}
