import type { ByteSpan } from '@pi-jobs/core';

/** More parts than this in one request are an attempt to make the server work. */
const MOST_RANGES = 20;

/**
 * The parts of a representation that a Range header asks for (RFC 9110, 14.2), in its order. Undefined when the header is to be ignored: an
 * unknown unit, a syntax error, too many ranges, or ranges that overlap so that the answer would be longer than the whole. Empty
 * when no range begins before the end.
 */
export function parseRanges(header: string, size: number): readonly ByteSpan[] | undefined {
  const list = /^bytes=(.*)$/is.exec(header.trim())?.[1];
  if (list === undefined) return undefined;
  const specs = list
    .split(',')
    .map((spec) => spec.trim())
    .filter((spec) => spec !== '');
  if (specs.length === 0 || specs.length > MOST_RANGES) return undefined;
  const spans: ByteSpan[] = [];
  for (const spec of specs) {
    const parts = /^(\d*)\s*-\s*(\d*)$/.exec(spec);
    if (parts === null || spec === '-') return undefined;
    const span = toSpan(parts[1] ?? '', parts[2] ?? '', size);
    if (span === undefined) return undefined;
    if (span.start < span.end) spans.push(span);
  }
  const total = spans.reduce((sum, span) => sum + span.end - span.start, 0);
  return total > size ? undefined : spans;
}

/** Empty when it begins beyond the end; undefined when it ends before it begins. */
function toSpan(first: string, last: string, size: number): ByteSpan | undefined {
  if (first === '') return { start: Math.max(0, size - Number(last)), end: size };
  const start = Number(first);
  if (last === '') return { start, end: size };
  if (Number(last) < start) return undefined;
  return { start, end: Math.min(size, Number(last) + 1) };
}
