export interface RequestTarget {
  /** Percent-encoded as sent, begins with a slash. */
  readonly path: string;
  /** What follows the question mark, without it. */
  readonly search: string;
}

/** Splits a request target (RFC 9112, 3.2): `/path?query`, or the whole URL that proxies send; undefined when it is neither. */
export function splitTarget(target: string): RequestTarget | undefined {
  if (!target.startsWith('/')) {
    if (!/^https?:\/\//i.test(target) || !URL.canParse(target)) return undefined;
    const url = new URL(target);
    return { path: url.pathname, search: url.search.slice(1) };
  }
  const mark = target.indexOf('?');
  return mark < 0
    ? { path: target, search: '' }
    : { path: target.slice(0, mark), search: target.slice(mark + 1) };
}
