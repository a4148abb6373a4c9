import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BOUNDARY, filePart, multipartBody, postForm, postRaw } from '../testing/multipart.ts';
import { sendRaw } from '../testing/send-raw.ts';
import { startDownloadApi, type TestApi } from '../testing/start-download-api.ts';

const run = promisify(execFile);
const PAGE = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

describe('uploading a file', () => {
  let api: TestApi;
  let folder: string;

  beforeAll(async () => {
    api = await startDownloadApi({ maxBytes: 1000 });
    folder = await mkdtemp(join(tmpdir(), 'upload-'));
    await writeFile(join(folder, 'sample.pdf'), '%PDF-1.7\n');
  });

  afterAll(async () => {
    await api[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  async function curl(...args: string[]): Promise<string> {
    return (await run('curl', ['-s', '-i', ...args])).stdout;
  }

  it('takes the four commands that its users know', async () => {
    const form = [
      '-X',
      'POST',
      '-H',
      'Content-Type: multipart/form-data',
      '-F',
      `file=@${folder}/sample.pdf`,
    ];
    const uploaded = await curl(...form, `${api.url}/upload`);
    expect(uploaded).toMatch(/^HTTP\/1.1 201 /);
    expect(uploaded).toContain(`{"filename":"sample.pdf","url":"${api.url}/download/sample.pdf","size":9}`);

    const raw = [
      '-X',
      'POST',
      '-H',
      'Content-Type: application/json',
      '--data-binary',
      `@${folder}/sample.pdf`,
    ];
    expect(await curl(...raw, `${api.url}/upload/my_upload.pdf`)).toMatch(/^HTTP\/1.1 201 /);

    const listed = await curl('-X', 'GET', '-H', 'Content-Type: application/json', `${api.url}/download`);
    expect(JSON.parse(listed.split('\r\n\r\n')[1] ?? '')).toEqual(
      ['my_upload.pdf', 'sample.pdf'].map((filename) => ({
        filename,
        url: `${api.url}/download/${filename}`,
      })),
    );

    const got = await curl(
      '-X',
      'GET',
      '-H',
      'Content-Type: application/json',
      `${api.url}/download/sample.pdf`,
    );
    expect(got.endsWith('\r\n\r\n%PDF-1.7\n')).toBe(true);
  });

  it.each(['application/json', 'text/plain; charset=utf-16', 'x', 'image/png, text/plain', ''])(
    'takes a raw body whatever its content type says: "%s"',
    async (type) => {
      const name = `of-type-${Buffer.from(type).toString('hex')}.txt`;
      const head = `POST /upload/${name} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\n`;
      const { status } = await sendRaw(api.port, [`${head}Content-Length: 4\r\n\r\ndata`]);
      expect(status).toBe(201);
    },
  );

  it('reads a form whose content type has empty parameters', async () => {
    const head = { 'Content-Type': `multipart/form-data; ;boundary=${BOUNDARY} ; ` };
    const { status } = await sendRaw(api.port, postForm(multipartBody(filePart('parameters.txt')), head));
    expect(status).toBe(201);
  });

  it('says what is wrong, in JSON to programs and on a page with the way back to browsers', async () => {
    const cases: readonly (readonly [number, RegExp, ReturnType<typeof filePart>[]])[] = [
      [400, /no file/, []],
      [400, /more than one file/, [filePart('one.txt'), filePart('two.txt')]],
      [400, /no extension/, [filePart('README')]],
      [409, /already a file named sample.pdf/, [filePart('sample.pdf', '%PDF-')]],
      [413, /larger than 1000 bytes/, [filePart('large.txt', 'x'.repeat(1001))]],
      [415, /\.exe are not allowed/, [filePart('a.exe')]],
      [415, /content of the file is not/, [filePart('a.pdf', 'no pdf')]],
    ];
    for (const [status, reason, parts] of cases) {
      const program = await sendRaw(api.port, postForm(multipartBody(...parts)));
      expect([program.status, JSON.parse(program.body)]).toEqual([
        status,
        expect.objectContaining({ success: false, error: expect.stringMatching(reason) }),
      ]);
      const browser = await sendRaw(api.port, postForm(multipartBody(...parts), PAGE));
      expect([browser.status, browser.head]).toEqual([status, expect.stringContaining('text/html')]);
      expect(browser.body).toMatch(reason);
      expect(browser.body).toContain('<a href="/upload">');
    }
  });

  it('answers a browser with a page that leads to the file', async () => {
    const { status, body } = await sendRaw(api.port, postForm(multipartBody(filePart('für dich.txt')), PAGE));
    expect(status).toBe(201);
    expect(body).toContain('<a href="/download/f%C3%BCr%20dich.txt">');
  });

  it('lets exactly one of many uploads of one name win, whatever brings them', async () => {
    const attempts = Array.from({ length: 20 }, (_, n) =>
      sendRaw(
        api.port,
        n % 2 === 0
          ? postForm(multipartBody(filePart('race.txt', String(n))))
          : postRaw('/upload/race.txt', String(n)),
      ),
    );
    const statuses = (await Promise.all(attempts)).map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array(19).fill(409)]);
    const winner = await (await fetch(`${api.url}/download/race.txt`)).text();
    expect(winner).toMatch(/^\d+$/);
  });

  it('takes a raw body of any declared type, or of none, and never reads it as one', async () => {
    for (const [n, type] of [
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'image/png',
      undefined,
    ].entries()) {
      const headers: Record<string, string> = type === undefined ? {} : { 'Content-Type': type };
      expect(
        (await sendRaw(api.port, postRaw(`/upload/type-${n}.txt`, '{"not": json', headers))).status,
      ).toBe(201);
    }
  });

  it('answers 507 before the first byte when the disk would be too full', async () => {
    await using full = await startDownloadApi({ reserveBytes: Number.MAX_SAFE_INTEGER });
    for (const steps of [postForm(multipartBody(filePart('a.txt'))), postRaw('/upload/a.txt', 'x')]) {
      expect((await sendRaw(full.port, steps)).status).toBe(507);
    }
  });

  it('lets forms of its own pages and programs in', async () => {
    const own: Record<string, string>[] = [
      { 'Sec-Fetch-Site': 'same-origin' },
      { 'Sec-Fetch-Site': 'none' },
      { Origin: 'http://localhost', Host: 'localhost' },
    ];
    for (const [n, headers] of own.entries()) {
      expect(
        (await sendRaw(api.port, postForm(multipartBody(filePart(`own-${n}.txt`)), headers))).status,
      ).toBe(201);
    }
  });

  it('redirects who comes without an address, and lists the files in JSON for who asks so', async () => {
    const root = await fetch(`${api.url}/`, { redirect: 'manual' });
    expect([root.status, root.headers.get('location')]).toEqual([302, '/upload']);
    const list = await (await fetch(`${api.url}/upload`, { headers: { Accept: 'application/json' } })).json();
    expect(list).toEqual(await (await fetch(`${api.url}/download`)).json());
    const page = await fetch(`${api.url}/upload`);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  });
});
