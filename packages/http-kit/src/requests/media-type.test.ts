import { describe, expect, it } from 'vitest';
import { matchesMediaRange, parseMediaType } from './media-type.ts';

describe('a Content-Type', () => {
  it('is read in any case, with its charset', () => {
    expect(parseMediaType('Text/HTML')).toEqual({ essence: 'text/html', charset: undefined });
    expect(parseMediaType('application/json; a=b; Charset="UTF-8"')).toEqual({
      essence: 'application/json',
      charset: 'utf-8',
    });
    expect(parseMediaType('multipart/form-data; boundary=charset')).toMatchObject({ charset: undefined });
    expect(parseMediaType('application/vnd.api+json;charset=')).toMatchObject({ charset: '' });
  });

  it('is none when it has no slash, two of them, or blanks', () => {
    for (const header of ['', 'json', 'a/b/c', 'a /b', '/b', 'a/', 'a/b, c/d']) {
      expect(parseMediaType(header)).toBe(undefined);
    }
    expect(parseMediaType(undefined)).toBe(undefined);
  });

  it('falls under ranges', () => {
    expect(matchesMediaRange('image/png', 'image/*')).toBe(true);
    expect(matchesMediaRange('imagex/png', 'image/*')).toBe(false);
    expect(matchesMediaRange('image/png', 'image/jpeg')).toBe(false);
    expect(matchesMediaRange('', '*/*')).toBe(true);
  });
});
