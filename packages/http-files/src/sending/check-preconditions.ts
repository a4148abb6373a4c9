import type { IncomingMessage } from 'node:http';

export interface Validators {
  /** Strong, with its quotes. */
  readonly etag: string;
  readonly modifiedAt: Date;
}

/** What the conditions of a GET or HEAD request say of a representation that exists (RFC 9110, 13.2.2). */
export function checkPreconditions(
  { headers }: Pick<IncomingMessage, 'headers'>,
  { etag, modifiedAt }: Validators,
): 'go on' | 'not modified' | 'failed' {
  const modified = wholeSeconds(modifiedAt);
  const ifMatch = headers['if-match'];
  const unmodifiedSince = parseDate(headers['if-unmodified-since']);
  if (ifMatch !== undefined) {
    if (!tagsOf(ifMatch).some((tag) => tag === '*' || tag === etag)) return 'failed';
  } else if (unmodifiedSince !== undefined && modified > unmodifiedSince) return 'failed';

  const ifNoneMatch = headers['if-none-match'];
  const modifiedSince = parseDate(headers['if-modified-since']);
  if (ifNoneMatch !== undefined) {
    if (tagsOf(ifNoneMatch).some((tag) => tag === '*' || tag.replace(/^W\//, '') === etag))
      return 'not modified';
  } else if (modifiedSince !== undefined && modified <= modifiedSince) return 'not modified';
  return 'go on';
}

/** Is a Range to be honoured? Not when If-Range names another representation. */
export function mayBePartial(
  { headers }: Pick<IncomingMessage, 'headers'>,
  { etag, modifiedAt }: Validators,
): boolean {
  const ifRange = headers['if-range'];
  if (ifRange === undefined) return true;
  if (typeof ifRange === 'string' && /^(?:W\/)?"/.test(ifRange)) return ifRange === etag;
  return parseDate(ifRange) === wholeSeconds(modifiedAt);
}

function tagsOf(header: string): readonly string[] {
  return header.trim() === '*' ? ['*'] : (header.match(/(?:W\/)?"[^"]*"/g) ?? []);
}

/** Milliseconds; undefined for what is no date, which makes the condition void. */
function parseDate(header: unknown): number | undefined {
  if (typeof header !== 'string') return undefined;
  const time = Date.parse(header);
  return Number.isNaN(time) ? undefined : time;
}

/** HTTP dates have no fractions. */
function wholeSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000) * 1000;
}
