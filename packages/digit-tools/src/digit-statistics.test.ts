import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digitStatistics } from './digit-statistics.ts';

async function* chunks(...parts: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

const PI_100 =
  '3141592653589793238462643383279502884197169399375105820974944592307816406286208998628034825342117067';

describe('statistics of digits', () => {
  it('gives the known counts and chi-square of the first hundred digits of pi', async () => {
    const { count, counts, chiSquare } = await digitStatistics(chunks(Buffer.from(PI_100)));
    expect(count).toBe(100);
    expect(counts).toEqual([8, 8, 12, 12, 10, 8, 9, 8, 12, 13]);
    expect(chiSquare).toBeCloseTo(3.8, 12);
  });

  it('counts every digit once, however the stream is cut and wherever a chunk lies in memory', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 9 }), fc.boolean())),
        async (parts) => {
          const text = parts.map(([part]) => part).join('');
          const buffers = parts.map(([part, odd]) =>
            Buffer.from(odd ? `x${part}` : part).subarray(odd ? 1 : 0),
          );
          const { count, counts } = await digitStatistics(chunks(...buffers));
          expect(count).toBe(text.length);
          expect(counts).toEqual([...'0123456789'].map((digit) => text.split(digit).length - 1));
        },
      ),
    );
  });

  it('finds nothing remarkable in no digits', async () => {
    expect(await digitStatistics(chunks())).toEqual({ count: 0, counts: Array(10).fill(0), chiSquare: 0 });
  });

  it('refuses a stream that holds anything else', async () => {
    for (const text of ['3.14', '31\n', ':', '/']) {
      await expect(digitStatistics(chunks(Buffer.from(text)))).rejects.toThrow(RangeError);
    }
  });

  it('stops with the reason of its signal, and lets other events happen while it works', async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) yield Buffer.alloc(1024 * 1024, '0');
    }
    const stop = new AbortController();
    const statistics = digitStatistics(endless(), { signal: stop.signal });
    await delay(20);
    stop.abort(new Error('the client went'));
    await expect(statistics).rejects.toThrow('the client went');
  });
});
