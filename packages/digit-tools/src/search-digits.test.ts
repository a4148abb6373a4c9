import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { searchDigits } from './search-digits.ts';

async function* inChunks(text: string, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let turn = 0; at < text.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield Buffer.from(text.slice(at, at + size));
    at += size;
  }
}

function allPositions(text: string, query: string): number[] {
  return Array.from(text, (_, at) => at).filter((at) => text.startsWith(query, at));
}

const digits = (alphabet: string, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength });

describe('searching digits', () => {
  it('finds what a plain search finds, however the stream is cut and however often the query overlaps itself', async () => {
    await fc.assert(
      fc.asyncProperty(
        digits('01', 0, 200),
        digits('01', 1, 8),
        fc
          .array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 5 })
          .filter((sizes) => sizes.some((size) => size > 0)),
        fc.integer({ min: 1, max: 50 }),
        async (text, query, sizes, limit) => {
          const expected = allPositions(text, query);
          expect(await searchDigits(inChunks(text, sizes), query, { limit })).toEqual({
            positions: expected.slice(0, limit),
            truncated: expected.length > limit,
          });
        },
      ),
      { numRuns: 500 },
    );
  });

  it('finds a query longer than every chunk', async () => {
    const query = '0123456789'.repeat(10);
    const text = `99${query}99`;
    expect((await searchDigits(inChunks(text, [1, 3, 2]), query, { limit: 5 })).positions).toEqual([2]);
  });

  it('counts positions from the first digit of the number when the stream begins later', async () => {
    expect((await searchDigits(inChunks('26535', [2]), '53', { start: 6, limit: 5 })).positions).toEqual([8]);
  });

  it('looks across the borders of the pieces that a large chunk is worked on in', async () => {
    const text = Buffer.alloc(3 * 1024 * 1024, '1');
    for (const border of [1, 2]) text.write('27', border * 1024 * 1024 - 1);
    async function* whole(): AsyncGenerator<Uint8Array> {
      yield text;
    }
    expect((await searchDigits(whole(), '27', { limit: 5 })).positions).toEqual([1048575, 2097151]);
  });

  it('reads no further than the first occurrence beyond the limit', async () => {
    let read = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        read += 1;
        yield Buffer.from('0123456789');
      }
    }
    expect(await searchDigits(endless(), '5', { limit: 3 })).toEqual({
      positions: [5, 15, 25],
      truncated: true,
    });
    expect(read).toBe(4);
  });

  it('stops with the reason of its signal, and lets other events happen while it works', async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) yield Buffer.alloc(1024 * 1024, '0');
    }
    const stop = new AbortController();
    const search = searchDigits(endless(), '1', { limit: 1, signal: stop.signal });
    await delay(20);
    stop.abort(new Error('the client went'));
    await expect(search).rejects.toThrow('the client went');
  });

  it('refuses a query that is not digits', async () => {
    for (const query of ['', '3.14', '-1', '٣', '1 ']) {
      await expect(searchDigits(inChunks('1', [1]), query, { limit: 1 })).rejects.toThrow(RangeError);
    }
  });
});
