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
  const digits = await pageFrom<DigitJob>((at) => sources.jobs.list({ ...filter, ...at }), from.digits);
  const images = await pageFrom<ImageJob>((at) => sources.images.list({ ...filter, ...at }), from.images);
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
    digits: await positionAfter(d, digits, from.digits, (limit, at) =>
      sources.jobs.list({ ...filter, limit, ...at }),
    ),
    images: await positionAfter(i, images, from.images, (limit, at) =>
      sources.images.list({ ...filter, limit, ...at }),
    ),
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

/** The cursor after the first `taken` of a page: its own when all were taken, else that of a page that ends there. */
async function positionAfter<Job>(
  taken: number,
  page: Page<Job>,
  from: string | null | undefined,
  list: (limit: number, at: { readonly cursor?: string }) => Promise<Page<Job>>,
): Promise<string | null | undefined> {
  if (taken === page.jobs.length) return page.nextCursor;
  if (taken === 0) return from;
  const shorter = await pageFrom((at) => list(taken, at), from);
  return shorter.nextCursor;
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
