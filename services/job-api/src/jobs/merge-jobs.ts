import type { DigitJob, JobState, JobStore } from '@pi-jobs/core';
import type { ImageJob, ImageJobs } from '@pi-jobs/image-jobs';
import type { AnyJob } from './all-jobs.ts';

export interface MergeQuery {
  readonly limit: number;
  readonly cursor?: string;
  readonly state?: JobState;
}

export interface MergedPage {
  /** Newest first. */
  readonly jobs: readonly AnyJob[];
  readonly nextCursor: string | null;
}

interface Sources {
  readonly jobs: Pick<JobStore, 'list'>;
  readonly images: Pick<ImageJobs, 'list'>;
}

interface Page<Job> {
  readonly jobs: readonly Job[];
  readonly nextCursor: string | null;
}

/** Where each source goes on; null when it has no more. */
interface Position {
  readonly digits: string | null | undefined;
  readonly images: string | null | undefined;
}

/** `<digits>~<images>`; the second is left out where there are no more images. */
const CURSOR = /^([^~]{0,60})~([^~]{0,60})$/;
const END = '-';

/**
 * One page of both kinds in the order of their making. Where a source's page runs out while the source has more, the merged page ends:
 * what comes next of it may be newer than what the other one has.
 */
export async function mergeJobs(sources: Sources, query: MergeQuery): Promise<MergedPage> {
  const from = parseCursor(query.cursor);
  const filter = { limit: query.limit, ...(query.state === undefined ? {} : { state: query.state }) };
  const [digits, images] = await Promise.all([
    pageFrom<DigitJob>((at) => sources.jobs.list({ ...filter, ...at }), from.digits),
    pageFrom<ImageJob>((at) => sources.images.list({ ...filter, ...at }), from.images),
  ]);
  const jobs: AnyJob[] = [];
  let d = 0;
  let i = 0;
  while (jobs.length < query.limit) {
    const digit = digits.jobs[d];
    const image = images.jobs[i];
    if (digit === undefined && digits.nextCursor !== null) break;
    if (image === undefined && images.nextCursor !== null) break;
    if (digit === undefined && image === undefined) break;
    if (image === undefined || (digit !== undefined && digit.createdAt >= image.createdAt)) {
      jobs.push(digit as DigitJob);
      d += 1;
    } else {
      jobs.push(image);
      i += 1;
    }
  }
  const next: Position = {
    digits: positionAfter(d, digits, from.digits),
    images: positionAfter(i, images, from.images),
  };
  return { jobs, nextCursor: formatCursor(next) };
}

async function pageFrom<Job>(
  list: (at: { readonly cursor?: string }) => Promise<Page<Job>>,
  from: string | null | undefined,
): Promise<Page<Job>> {
  if (from === null) return { jobs: [], nextCursor: null };
  return list(from === undefined ? {} : { cursor: from });
}

/** Where a source goes on after the first `taken` of a page: every job's id is the cursor of those that are older. */
function positionAfter(
  taken: number,
  { jobs, nextCursor }: Page<AnyJob>,
  from: string | null | undefined,
): string | null | undefined {
  if (taken === jobs.length) return nextCursor;
  return jobs[taken - 1]?.id ?? from;
}

function parseCursor(cursor: string | undefined): Position {
  if (cursor === undefined) return { digits: undefined, images: undefined };
  const [, digits, images] = CURSOR.exec(cursor) ?? [cursor, cursor, END];
  return { digits: parsePosition(digits), images: parsePosition(images) };
}

function parsePosition(text: string | undefined): string | null | undefined {
  if (text === END) return null;
  return text === '' ? undefined : text;
}

function formatCursor({ digits, images }: Position): string | null {
  if (images === null) return digits ?? null;
  return [digits, images].map((at) => (at === null ? END : (at ?? ''))).join('~');
}
