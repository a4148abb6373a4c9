import { forEachPiece } from './for-each-piece.ts';

export interface SearchOptions {
  /** Position of the stream's first digit in the whole number; 0 by default. Positions are counted from the number's first digit. */
  readonly start?: number;
  /** Most positions to report, at least 1. */
  readonly limit: number;
  readonly signal?: AbortSignal;
}

export interface SearchResult {
  /** Where the digits begin, ascending; occurrences may overlap. */
  readonly positions: readonly number[];
  /** There is at least one more. */
  readonly truncated: boolean;
}

/**
 * Finds every occurrence of a string of ASCII digits in a stream of them, across the borders of its chunks too. Reads no further than to
 * the first occurrence beyond the limit.
 *
 * Each piece is searched where it lies; only the last `query.length - 1` digits before it are copied, with as many of its own behind
 * them, to find what lies across the border.
 */
export async function searchDigits(
  chunks: AsyncIterable<Uint8Array>,
  query: string,
  options: SearchOptions,
): Promise<SearchResult> {
  if (!/^[0-9]+$/.test(query)) throw new RangeError('a query is one or more decimal digits');
  const needle = Buffer.from(query, 'latin1');
  const overlap = needle.length - 1;
  const positions: number[] = [];
  // One more than asked for is looked for: it tells whether there are more.
  const wanted = options.limit + 1;
  let tail = Buffer.alloc(0);
  let position = options.start ?? 0;

  await forEachPiece(chunks, options.signal, (chunk) => {
    const piece = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    if (tail.length > 0) {
      const border = Buffer.concat([tail, piece.subarray(0, overlap)]);
      collect(border, needle, position - tail.length, positions, wanted);
    }
    collect(piece, needle, position, positions, wanted);
    position += piece.length;
    tail = lastBytes(tail, piece, overlap);
    return positions.length < wanted;
  });
  return { positions: positions.slice(0, options.limit), truncated: positions.length > options.limit };
}

function collect(
  haystack: Buffer,
  needle: Buffer,
  offset: number,
  positions: number[],
  wanted: number,
): void {
  for (
    let at = haystack.indexOf(needle);
    at !== -1 && positions.length < wanted;
    at = haystack.indexOf(needle, at + 1)
  ) {
    positions.push(offset + at);
  }
}

/** The last `length` bytes of two buffers in a row, in memory of their own. */
function lastBytes(before: Buffer, last: Buffer, length: number): Buffer<ArrayBuffer> {
  if (last.length >= length) return Buffer.from(last.subarray(last.length - length));
  return Buffer.concat([before.subarray(Math.max(0, before.length + last.length - length)), last]);
}
