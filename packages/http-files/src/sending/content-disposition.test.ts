import { describe, expect, it } from 'vitest';
import { contentDisposition } from './content-disposition.ts';

describe('the Content-Disposition header', () => {
  it('says a plain name once', () => {
    expect(contentDisposition('inline', "my file (1), it's.pdf")).toBe(
      `inline; filename="my file (1), it's.pdf"`,
    );
  });

  it('says any other name in both forms', () => {
    expect(contentDisposition('attachment', "é'*.txt")).toBe(
      `attachment; filename="_'*.txt"; filename*=UTF-8''%C3%A9%27%2A.txt`,
    );
    expect(contentDisposition('attachment', '100%25.txt')).toBe(
      `attachment; filename="100_25.txt"; filename*=UTF-8''100%2525.txt`,
    );
    expect(contentDisposition('attachment', '👩‍🔬.png')).toMatch(
      /^attachment; filename="___.png"; filename\*=UTF-8''(%[0-9A-F]{2}){11}\.png$/,
    );
  });
});
