import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ContentInspector, HEAD_BYTES } from './content-inspector.ts';

function accepts(extension: string, content: Uint8Array, chunkBytes = 1000): boolean {
  const inspector = new ContentInspector(extension);
  try {
    for (let at = 0; at < content.length; at += chunkBytes)
      inspector.push(content.subarray(at, at + chunkBytes));
    inspector.end();
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'content_mismatch' });
    return false;
  }
}

/** Local headers as zip writers make them; central directory left out, nobody looks at it here. */
function zip(...names: string[]): Buffer {
  return Buffer.concat(
    names.map((name) => {
      const data = deflateRawSync(Buffer.from(`content of ${name}`));
      const header = Buffer.alloc(30);
      header.write('PK\x03\x04', 'latin1');
      header.writeUInt32LE(data.length, 18);
      header.writeUInt16LE(Buffer.byteLength(name), 26);
      return Buffer.concat([header, Buffer.from(name), data]);
    }),
  );
}

const ole = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)]);
const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(50)]);
const jpeg = Buffer.concat([Buffer.from('ffd8ffe000104a464946', 'hex'), Buffer.alloc(50)]);
const pdf = Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj', 'latin1');
const docx = zip('[Content_Types].xml', '_rels/.rels', 'word/document.xml');
const xlsx = zip('xl/workbook.xml', 'xl/worksheets/sheet1.xml', '[Content_Types].xml');

const samples: Readonly<Record<string, Buffer>> = {
  txt: Buffer.from('Grüße, 世界\r\n'),
  csv: Buffer.from('a;b\n1;2\n'),
  rtf: Buffer.from('{\\rtf1\\ansi hello}'),
  doc: ole,
  xls: ole,
  docx,
  xlsx,
  pdf,
  png,
  jpg: jpeg,
  jpeg,
  gif: Buffer.from('GIF89a\x01\x00\x01\x00', 'latin1'),
};
const kin = [
  ['txt', 'csv', 'rtf'],
  ['doc', 'xls'],
  ['jpg', 'jpeg'],
];

describe('content held against the extension', () => {
  it.each(Object.keys(samples))('takes a .%s for what it is, in one chunk or byte by byte', (extension) => {
    const sample = samples[extension] as Buffer;
    expect(accepts(extension, sample)).toBe(true);
    expect(accepts(extension, sample, 1)).toBe(true);
  });

  it('refuses every other format under each extension', () => {
    for (const [extension, other] of Object.keys(samples).flatMap((a) =>
      Object.keys(samples).map((b) => [a, b] as const),
    )) {
      if (kin.some((family) => family.includes(extension) && family.includes(other) && extension !== 'rtf'))
        continue;
      expect([extension, other, accepts(extension, samples[other] as Buffer)]).toEqual([
        extension,
        other,
        extension === other,
      ]);
    }
  });

  it('refuses programs and archives that call themselves text', () => {
    const heads = [
      '4d5a90000300',
      '7f454c46020101',
      '1f8b0800',
      '504b03040a00',
      '377abcaf271c',
      '526172211a0701',
      '28b52ffd24',
      'fd377a585a00',
      '425a6839314159265359',
    ];
    for (const head of heads) expect([head, accepts('txt', Buffer.from(head, 'hex'))]).toEqual([head, false]);
  });

  it('refuses an archive and a presentation that call themselves documents', () => {
    expect(accepts('docx', zip('META-INF/MANIFEST.MF', 'Main.class'))).toBe(false);
    expect(accepts('docx', zip('[Content_Types].xml', 'ppt/presentation.xml'))).toBe(false);
    expect(accepts('xlsx', zip('readme.txt'))).toBe(false);
  });

  it('takes texts of older encodings and of UTF-16, and nothing as a text', () => {
    expect(accepts('txt', Buffer.from('caf\xe9\r\n\x1a', 'latin1'))).toBe(true);
    expect(accepts('csv', Buffer.from('\ufeffa\tb\r\n', 'utf16le'))).toBe(true);
    expect(accepts('txt', Buffer.from('\ufeffa\tb\r\n', 'utf16le').swap16())).toBe(true);
    expect(accepts('txt', Buffer.alloc(0))).toBe(true);
    expect(accepts('txt', Buffer.from('\ufeffab\0', 'utf16le'))).toBe(false);
  });

  it('refuses an empty file where a format has a beginning', () => {
    for (const extension of ['pdf', 'png', 'docx', 'doc', 'rtf'])
      expect(accepts(extension, Buffer.alloc(0))).toBe(false);
  });

  it('finds a NUL byte anywhere in a text, also far behind the head', () => {
    const text = Buffer.alloc(HEAD_BYTES * 3, 'text ');
    expect(accepts('txt', text)).toBe(true);
    for (const at of [0, HEAD_BYTES - 1, HEAD_BYTES, text.length - 1]) {
      const spoiled = Buffer.from(text);
      spoiled[at] = 0;
      expect([at, accepts('txt', spoiled, 1 << 20), accepts('txt', spoiled, 999)]).toEqual([
        at,
        false,
        false,
      ]);
    }
  });

  it('lets pass what it knows nothing about', () => {
    expect(accepts('svg', Buffer.from([0, 1, 2]))).toBe(true);
  });
});
