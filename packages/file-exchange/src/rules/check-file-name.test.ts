import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkFileName, extensionOf, isFileName } from './check-file-name.ts';

const refused: readonly (readonly [string, string])[] = [
  ['the empty name', ''],
  ['a slash', 'a/b.txt'],
  ['a backslash', 'a\\b.txt'],
  ['a climb', '../../etc/passwd.txt'],
  ['two dots inside', 'a..b.txt'],
  ['a NUL', 'a.txt\0.png'],
  ['a line feed', 'a\nb.txt'],
  ['an escape', 'a\x1b[31m.txt'],
  ['DEL', 'a\x7f.txt'],
  ['a C1 control', 'a\u0085b.txt'],
  ['a line separator', 'a\u2028b.txt'],
  ['what decoders put for broken bytes', 'a\ufffd.txt'],
  ['a right-to-left override', 'gpj\u202etxt.png'],
  ['a directional isolate', 'a\u2066b.txt'],
  ...[...'<>:"|?*'].map((mark) => [`the mark ${mark}`, `a${mark}b.txt`] as const),
  ['an alternate data stream', 'a.txt::$DATA'],
  ['a leading dot', '.htaccess.txt'],
  ['a trailing dot', 'a.txt.'],
  ['a leading space', ' a.txt'],
  ['a trailing space', 'a.txt '],
  ['a trailing ideographic space', 'a.txt\u3000'],
  ['a device', 'CON'],
  ['a device with an extension', 'nul.txt'],
  ['a device with two', 'Com1.tar.txt'],
  ['a device and spaces', 'aux  .txt'],
  ['a device with a raised digit', 'lpt².txt'],
  ['letters that are not composed', 'e\u0301.txt'],
  ['a lone high surrogate', 'a\ud800.txt'],
  ['a lone low surrogate', 'a\udfff.txt'],
  ['256 bytes', `${'a'.repeat(252)}.txt`],
  ['256 bytes in fewer characters', `${'ж'.repeat(126)}.txt`],
];

const kept = [
  'a.txt',
  'Austin-Jung_2019_resume.pdf',
  'Müller & Söhne (2).pdf',
  'отчёт.txt',
  '報告書.xlsx',
  'تقرير نهائي.pdf',
  'דו״ח.doc',
  'किताब.txt',
  'می‌خواهم.txt',
  '👩‍🔬.png',
  'con2.txt',
  'console.txt',
  'com10.txt',
  "it's 100%.txt",
  'a%2e%2e%2fb.txt',
  '$(reboot);`x`.txt',
  'a;b=c,d.csv',
  '~.txt',
  '-rf.txt',
  `${'a'.repeat(251)}.txt`,
];

describe('file names', () => {
  it.each(refused)('refuses %s', (_what, name) => {
    expect(() => checkFileName(name)).toThrow(expect.objectContaining({ code: 'invalid_name' }));
  });

  it.each(kept)('keeps %s', (name) => {
    expect(() => checkFileName(name)).not.toThrow();
    expect(isFileName(name)).toBe(true);
  });

  it('lets no name through that a path, a header line or a terminal would take for something else', () => {
    const anyUnit = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 6 }),
      fc.constantFrom(
        '.',
        '..',
        '/',
        '\\',
        ' ',
        'nul',
        'con.',
        '\u202e',
        '\0',
        ':',
        'a',
        'é',
        'e\u0301',
        '.txt',
      ),
    );
    fc.assert(
      fc.property(fc.array(anyUnit, { maxLength: 8 }), (parts) => {
        const name = parts.join('');
        if (!isFileName(name)) return;
        expect(name).toBe(name.normalize('NFC').trim());
        expect(new URL(encodeURIComponent(name), 'http://host/download/').pathname.split('/')).toHaveLength(
          3,
        );
        expect(name).not.toMatch(/\p{Cc}|[/\\<>:"|?*]|\.\.|^\.|\.$/u);
        expect(Buffer.from(name).toString()).toBe(name);
      }),
      { numRuns: 500 },
    );
  });

  it('takes what follows the last dot for the extension, in lower case', () => {
    expect(['a.TXT', 'a.tar.gz', 'README', '.txt', 'a.'].map(extensionOf)).toEqual([
      'txt',
      'gz',
      undefined,
      undefined,
      undefined,
    ]);
  });
});
