import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRanges } from './parse-ranges.ts';

describe('the Range header', () => {
  it.each([
    ['bytes=0-0', [[0, 1]]],
    ['bytes=0-99', [[0, 100]]],
    ['bytes=90-', [[90, 100]]],
    ['bytes=-10', [[90, 100]]],
    ['bytes=-1000', [[0, 100]]],
    ['bytes=50-99999999999999999999', [[50, 100]]],
    [
      'bytes=0-0, 5-6 ,-1',
      [
        [0, 1],
        [5, 7],
        [99, 100],
      ],
    ],
    ['bytes=,0-0,,', [[0, 1]]],
    ['BYTES=0-0', [[0, 1]]],
    ['bytes=500-, 0-0', [[0, 1]]],
  ])('%s asks for its parts', (header, spans) => {
    expect(parseRanges(header, 100)).toEqual(spans.map(([start, end]) => ({ start, end })));
  });

  it.each(['bytes=100-', 'bytes=100-200', 'bytes=-0', 'bytes=99999999999999999999-'])(
    '%s begins beyond the end',
    (header) => {
      expect(parseRanges(header, 100)).toEqual([]);
    },
  );

  it.each([
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=a-b',
    'bytes=5-3',
    'bytes=0-0,5-3',
    'lines=0-1',
    'bytes=0-1;1-2',
    'bytes=0x1-2',
    'bytes=1.5-2',
  ])('%j is ignored', (header) => {
    expect(parseRanges(header, 100)).toBeUndefined();
  });

  it('is ignored when its parts together are longer than the whole, or too many', () => {
    expect(parseRanges('bytes=0-,0-,0-', 100)).toBeUndefined();
    expect(
      parseRanges(`bytes=${Array.from({ length: 21 }, (_, n) => `${n}-${n}`).join(',')}`, 100),
    ).toBeUndefined();
  });

  it('never asks for anything outside, and nothing of an empty content', () => {
    const bound = fc.oneof(fc.constant(''), fc.nat({ max: 40 }).map(String));
    const list = fc.array(fc.tuple(bound, bound), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(list, fc.nat({ max: 30 }), (parts, size) => {
        const spans =
          parseRanges(`bytes=${parts.map(([from, to]) => `${from}-${to}`).join(',')}`, size) ?? [];
        for (const { start, end } of spans) expect(0 <= start && start < end && end <= size).toBe(true);
      }),
    );
  });
});
