import { setTimeout as delay } from 'node:timers/promises';
import { LocalAws } from '@pi-jobs/aws-store/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucketPlace } from '../testing/bucket-place.ts';
import type { FilePlace } from '../testing/file-place.ts';
import {
  BOUNDARY,
  chunk,
  fieldPart,
  filePart,
  join,
  MULTIPART,
  multipartBody,
  postForm,
  postRaw,
  requestHead,
} from '../testing/multipart.ts';
import { type Step, sendRaw } from '../testing/send-raw.ts';
import { startDownloadApi, type TestApi } from '../testing/start-download-api.ts';

const MAX_BYTES = 256 * 1024;
const IDLE_MS = 500;

type Case = readonly [what: string, status: number | 'no answer', steps: readonly Step[]];

const elf = Buffer.from('7f454c4602010100000000', 'hex');
const text = (size: number): Buffer => Buffer.alloc(size, 'text ');
const form = (filename: string | Uint8Array, content?: string | Uint8Array): Step[] =>
  postForm(multipartBody(filePart(filename, content)));

const names: readonly Case[] = [
  ['a name that climbs', 400, form('../../etc/passwd.txt')],
  ['a name that climbs on Windows', 400, form('..\\\\..\\\\boot.txt')],
  ['an absolute path', 400, form('/etc/cron.d/job.txt')],
  ['a drive', 400, form('C:\\\\temp\\\\a.txt')],
  ['a NUL byte in the name', 400, form('a\0.txt')],
  ['an escaped line break', 400, form('a%0d%0aSet-Cookie: x=1.txt')],
  ['an escaped quote', 400, form('a%22 onload=x.txt')],
  ['markup', 400, form('<img src=x onerror=alert(1)>.txt')],
  ['a right-to-left override', 400, form('annexe\u202etxt.png')],
  ['the null device', 400, form('nul.txt')],
  ['a device and a space', 400, form('con .txt')],
  ['a trailing dot', 400, form('a.txt.')],
  ['a leading space', 400, form(' a.txt')],
  ['a hidden file', 400, form('.htaccess')],
  ['an alternate data stream', 400, form('a.txt::$DATA')],
  ['letters that are not composed', 400, form('cafe\u0301.txt')],
  ['bytes that are not UTF-8', 400, form(join('caf', Buffer.from([0xe9]), '.txt'))],
  ['a name of 256 bytes', 400, form(`${'a'.repeat(252)}.txt`)],
  ['a name of ten thousand bytes', 400, form(`${'a'.repeat(10_000)}.txt`)],
  ['no extension', 400, form('README')],
  ['an empty name', 400, form('')],
  [
    'a climbing name in the extended form',
    400,
    postForm(
      multipartBody({
        head: `Content-Disposition: form-data; name="file"; filename*=UTF-8''..%2F..%2Fa.txt`,
        content: 'x',
      }),
    ),
  ],
  ['an escaped slash in the path', 400, postRaw('/upload/..%2f..%2fetc%2fpasswd.txt', 'x')],
  ['a doubly escaped control character', 400, postRaw('/upload/a%00.txt', 'x')],
  ['a path of broken percent-encoding', 400, postRaw('/upload/%c3%28.txt', 'x')],
  ['a path that climbs unescaped', 404, postRaw('/upload/../../etc/passwd.txt', 'x')],
];

const types: readonly Case[] = [
  ['a program', 415, form('a.exe', 'MZ')],
  ['a script', 415, form('a.php', '<?php')],
  ['a page', 415, form('a.html', '<script>alert(1)</script>')],
  ['a picture that runs scripts', 415, form('a.svg', '<svg onload="alert(1)"/>')],
  ['a program behind a harmless extension', 415, form('a.pdf.exe', '%PDF-1.7')],
  [
    'a program with a harmless declared type',
    415,
    postForm(
      multipartBody({
        ...filePart('a.exe'),
        head: join(filePart('a.exe').head, '\r\nContent-Type: image/png'),
      }),
    ),
  ],
  ['a program called text', 415, form('a.txt', elf)],
  ['a page called a picture', 415, form('a.png', '<script>alert(1)</script>')],
  ['a page called a document', 415, form('a.pdf', '<html>%PDF-1.7</html>')],
  ['an archive called a document', 415, form('a.docx', zipHead('META-INF/MANIFEST.MF'))],
  ['a document called text', 415, form('a.txt', '%PDF-1.7')],
  ['a NUL byte far inside a text', 415, postRaw('/upload/a.csv', join(text(200_000), '\0', text(1000)))],
  ['nothing called a picture', 415, postRaw('/upload/a.gif', '')],
  ['a JSON body for the form', 415, postForm('{}', { 'Content-Type': 'application/json' })],
  ['a compressed body', 415, postRaw('/upload/a.txt', 'x', { 'Content-Encoding': 'gzip' })],
];

const sizes: readonly Case[] = [
  ['one byte too many in a form', 413, form('a.csv', text(MAX_BYTES + 1))],
  ['one byte too many raw', 413, postRaw('/upload/a.csv', text(MAX_BYTES + 1))],
  [
    'a petabyte announced raw',
    413,
    [requestHead('POST /upload/a.csv', { 'Content-Length': '1000000000000000' }), text(100)],
  ],
  [
    'a petabyte announced in a form',
    413,
    [
      requestHead('POST /upload', { 'Content-Type': MULTIPART, 'Content-Length': '1000000000000000' }),
      multipartBody(filePart('a.csv')),
    ],
  ],
  [
    'chunks without end',
    413,
    [
      requestHead('POST /upload/a.csv', { 'Transfer-Encoding': 'chunked' }),
      ...Array.from({ length: 40 }, () => chunk(text(10_000))),
    ],
  ],
  ['a negative length', 400, [requestHead('POST /upload/a.txt', { 'Content-Length': '-1' })]],
  [
    'two lengths',
    400,
    ['POST /upload/a.txt HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx'],
  ],
  [
    'a length and chunks',
    400,
    [
      requestHead('POST /upload/a.txt', { 'Content-Length': '5', 'Transfer-Encoding': 'chunked' }),
      chunk('x'),
    ],
  ],
  [
    'a broken chunk',
    400,
    [requestHead('POST /upload/a.txt', { 'Transfer-Encoding': 'chunked' }), 'zz\r\nx\r\n'],
  ],
];

const malformations: readonly Case[] = [
  ['no boundary', 400, postForm(multipartBody(filePart('a.txt')), { 'Content-Type': 'multipart/form-data' })],
  ['another boundary', 400, postForm('--other\r\n\r\nx\r\n--other--\r\n')],
  ['no last boundary', 400, postForm(multipartBody(filePart('a.txt')).subarray(0, -BOUNDARY.length - 8))],
  ['an end within a part head', 400, postForm(`--${BOUNDARY}\r\nContent-Disposition: form-data; na`)],
  ['no body at all', 400, postForm('')],
  // CVE-2022-24434: dicer, the parser that busboy had before 1.0, crashed.
  [
    'a part head that begins with a space',
    400,
    postForm(multipartBody({ head: ' Content-Disposition: form-data; name="file"', content: '' })),
  ],
  ['a part head without a colon', 400, postForm(multipartBody({ head: 'garbage', content: 'x' }))],
  [
    'a part head of 100,000 bytes',
    400,
    postForm(multipartBody({ head: `X-Long: ${'a'.repeat(100_000)}`, content: 'x' })),
  ],
  [
    'a part without a disposition',
    400,
    postForm(multipartBody({ head: 'Content-Type: text/plain', content: 'x' })),
  ],
  // CVE-2025-48997: multer before 2.0.1 crashed.
  ['a file in a part with an empty name', 400, postForm(multipartBody(filePart('a.txt', 'x', '')))],
  // CVE-2025-47944 and CVE-2025-7338: multer before 2.0.2 crashed.
  [
    'a file in a part without a name',
    400,
    postForm(multipartBody({ head: 'Content-Disposition: form-data; filename="a.txt"', content: 'x' })),
  ],
  [
    'a field without a name',
    400,
    postForm(multipartBody({ head: 'Content-Disposition: form-data', content: 'x' })),
  ],
  // CVE-2026-5079: multer before 2.2 built objects of any depth.
  [
    'a deeply nested field',
    400,
    postForm(multipartBody(fieldPart(`a${'[b]'.repeat(30)}`), filePart('a.txt'))),
  ],
  [
    'a very deeply nested field',
    400,
    postForm(multipartBody(fieldPart(`a${'[b]'.repeat(20_000)}`), filePart('a.txt'))),
  ],
  ['a field with a huge index', 400, postForm(multipartBody(fieldPart('a[999999999]'), filePart('a.txt')))],
  [
    'a field that aims at prototypes',
    400,
    postForm(multipartBody(fieldPart('__proto__[x]'), filePart('a.txt'))),
  ],
  ['a long field', 400, postForm(multipartBody(fieldPart('a', text(100_000)), filePart('a.txt')))],
  ['a thousand fields', 400, postForm(multipartBody(...Array.from({ length: 1000 }, () => fieldPart('a'))))],
  ['no file', 400, postForm(multipartBody(fieldPart('file', 'a.txt')))],
  ['a file in another part', 400, postForm(multipartBody(filePart('a.txt', 'x', 'document')))],
  // CVE-2026-3304 and CVE-2026-3520: multer before 2.1.1 left what was stored before the error, or ran out of stack.
  ['two files', 400, postForm(multipartBody(filePart('a.txt'), filePart('b.txt')))],
  [
    'a hundred files',
    400,
    postForm(multipartBody(...Array.from({ length: 100 }, (_, n) => filePart(`${n}.txt`)))),
  ],
  [
    'a good file and then garbage',
    400,
    postForm(join(multipartBody(filePart('a.txt')).subarray(0, -4), 'garbage')),
  ],
];

const origins: readonly Case[] = [
  [
    'a form of another site',
    403,
    postForm(multipartBody(filePart('a.txt')), { 'Sec-Fetch-Site': 'cross-site' }),
  ],
  [
    'a form of another port',
    403,
    postForm(multipartBody(filePart('a.txt')), { 'Sec-Fetch-Site': 'same-site' }),
  ],
  [
    'a form of an older browser',
    403,
    postForm(multipartBody(filePart('a.txt')), { Origin: 'https://evil.example' }),
  ],
  ['a form of a page without an origin', 403, postForm(multipartBody(filePart('a.txt')), { Origin: 'null' })],
  ['a script of another site', 403, postRaw('/upload/a.txt', 'x', { 'Sec-Fetch-Site': 'cross-site' })],
  [
    'a resumable upload of another site',
    403,
    postRaw('/files', '', { 'Sec-Fetch-Site': 'cross-site', 'Tus-Resumable': '1.0.0', 'Upload-Length': '1' }),
  ],
];

const formHead = requestHead('POST /upload', { 'Content-Type': MULTIPART, 'Content-Length': '100000' });
const rawHead = requestHead('POST /upload/a.csv', { 'Content-Length': '100000' });
const partStart = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n`;

const slowness: readonly Case[] = [
  ['a form that never comes', 408, [formHead]],
  ['a form that stops within a part head', 408, [formHead, partStart.slice(0, 40)]],
  ['a form that stops within the file', 408, [formHead, partStart, text(70_000)]],
  ['a form that stops after the file', 408, [formHead, partStart, text(1000), `\r\n--${BOUNDARY}`]],
  ['a raw body that never comes', 408, [rawHead]],
  ['a raw body that stops', 408, [rawHead, text(70_000)]],
];

const wait = { waitMs: 30 };
const aborts: readonly Case[] = [
  ['the line cut after the head of a form', 'no answer', [formHead, wait, 'cut']],
  ['the line cut within a boundary', 'no answer', [formHead, `--${BOUNDARY.slice(0, 4)}`, wait, 'cut']],
  ['the line cut within a part head', 'no answer', [formHead, partStart.slice(0, 50), wait, 'cut']],
  ['the line cut before the first byte of the file', 'no answer', [formHead, partStart, wait, 'cut']],
  ['the line cut within the file', 'no answer', [formHead, partStart, text(70_000), wait, 'cut']],
  [
    'the line cut after the file',
    'no answer',
    [formHead, partStart, text(1000), `\r\n--${BOUNDARY}`, wait, 'cut'],
  ],
  ['the line cut after the head of a raw body', 'no answer', [rawHead, wait, 'cut']],
  ['the line cut within a raw body', 'no answer', [rawHead, text(70_000), wait, 'cut']],
  ['the line cut at once', 'no answer', [rawHead, text(70_000), 'cut']],
];

describe.each(['a folder', 'S3'])('hostile uploads to %s', (where) => {
  let aws: LocalAws | undefined;
  let place: FilePlace | undefined;
  let api: TestApi;
  let before: Awaited<ReturnType<TestApi['footprint']>>;

  beforeAll(async () => {
    if (where === 'S3') {
      aws = await LocalAws.start();
      place = await bucketPlace(aws);
    }
    const options = { maxBytes: MAX_BYTES, idleMs: IDLE_MS };
    api = await startDownloadApi(place === undefined ? options : { ...options, place });
    // What is opened once and kept is open from here on.
    await sendRaw(api.port, postForm(multipartBody(filePart('kept.txt'))));
    await delay(50);
    before = await api.footprint();
  });

  afterAll(async () => {
    await api[Symbol.asyncDispose]();
    await place?.[Symbol.asyncDispose]();
    await aws?.[Symbol.asyncDispose]();
  });

  const all = [...names, ...types, ...sizes, ...malformations, ...origins, ...slowness, ...aborts];

  it.each(all)('%s: %s, and nothing is left of it', async (_what, status, steps) => {
    const answer = await sendRaw(api.port, steps);
    if (status === 'no answer') expect(answer.status).toBeUndefined();
    else {
      expect([answer.status, answer.head]).toEqual([
        status,
        expect.stringMatching(/content-type: application\/problem\+json/i),
      ]);
      const problem = JSON.parse(answer.body);
      expect(problem).toMatchObject({ success: false, status, error: problem.detail });
      expect(problem.detail.length).toBeGreaterThan(10);
      expect(answer.body).not.toContain(api.dataFolder);
      expect(answer.body).not.toMatch(/node_modules|\.[tj]s:\d/);
    }
    await expect.poll(async () => (await api.footprint()).files).toEqual(before.files);
  });

  it('has tried at least sixty, leaves no descriptor open and still takes a good file', async () => {
    expect(all.length).toBeGreaterThanOrEqual(60);
    await expect
      .poll(async () => (await api.footprint()).descriptors)
      .toBeLessThanOrEqual(before.descriptors);
    const answer = await sendRaw(api.port, form('good.txt'));
    expect(answer.status).toBe(201);
  });
});

/** The first local header of a zip archive. */
function zipHead(name: string): Buffer {
  const head = Buffer.alloc(30);
  head.write('PK\x03\x04', 'latin1');
  head.writeUInt16LE(name.length, 26);
  return join(head, name);
}
