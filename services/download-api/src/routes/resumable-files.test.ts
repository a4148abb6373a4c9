import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { LocalAws } from '@pi-jobs/aws-store/testing';
import { Upload } from 'tus-js-client';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { bucketPlace } from '../testing/bucket-place.ts';
import { startCuttingProxy } from '../testing/cutting-proxy.ts';
import { requestHead } from '../testing/multipart.ts';
import { sendRaw } from '../testing/send-raw.ts';
import { startDownloadApi, type TestApi, type TestApiOptions } from '../testing/start-download-api.ts';

/** For what happens a moment after an answer, on a busy machine too. */
const WAIT = { timeout: 10_000 };

interface Outcome {
  readonly error: string | undefined;
  readonly url: string | null;
}

/** The real client of the protocol's authors. */
async function upload(
  endpoint: string,
  content: Buffer | Readable,
  filename: string | undefined,
  options: Partial<ConstructorParameters<typeof Upload>[1]> = {},
): Promise<Outcome> {
  return await new Promise((resolve) => {
    const client = new Upload(content, {
      endpoint,
      retryDelays: Array(200).fill(2),
      metadata: filename === undefined ? {} : { filename },
      onSuccess: () => resolve({ error: undefined, url: client.url }),
      onError: (error) => resolve({ error: error.message, url: client.url }),
      ...options,
    });
    client.start();
  });
}

/** `PNG` and noise: content that passes the check and shows every byte that is lost or doubled. */
function picture(size: number): Buffer {
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), randomBytes(size - 8)]);
}

async function tus(
  api: TestApi,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: Buffer,
) {
  const response = await fetch(api.url + path, {
    method,
    headers: { 'Tus-Resumable': '1.0.0', ...headers },
    ...(body === undefined ? {} : { body: new Uint8Array(body) }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

function metadata(filename: string): Record<string, string> {
  return { 'Upload-Metadata': `filename ${Buffer.from(filename).toString('base64')}` };
}

async function create(api: TestApi, filename: string, size: number): Promise<string> {
  const created = await tus(api, 'POST', '/files', { 'Upload-Length': String(size), ...metadata(filename) });
  expect([created.status, created.text]).toEqual([201, '']);
  return created.headers.get('location') ?? '';
}

function patchHeaders(offset: number, more: Record<string, string> = {}): Record<string, string> {
  return { 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': String(offset), ...more };
}

async function download(api: TestApi, filename: string): Promise<Buffer | number> {
  const response = await fetch(`${api.url}/download/${encodeURIComponent(filename)}`);
  return response.ok ? Buffer.from(await response.arrayBuffer()) : response.status;
}

let aws: LocalAws;

beforeAll(async () => {
  aws = await LocalAws.start();
});
afterAll(() => aws[Symbol.asyncDispose]());

async function inBucket(options: TestApiOptions = {}): Promise<TestApi> {
  if (options.place !== undefined) return await startDownloadApi(options);
  const place = await bucketPlace(aws);
  onTestFinished(() => place[Symbol.asyncDispose]());
  return await startDownloadApi({ ...options, place });
}

describe.each([
  ['a folder', startDownloadApi],
  ['S3', inBucket],
])('resumable uploads in %s', (where, start) => {
  it('arrive whole under their name over a line that is cut many times', async () => {
    await using api = await start({ maxBytes: 8 * 1024 * 1024 });
    const content = picture(3_000_000);
    function* lives(): Generator<number> {
      for (let connection = 1; connection < 60; connection += 1)
        yield 20_000 + ((connection * 7919) % 120_000);
    }
    await using line = await startCuttingProxy(api.port, lives());
    const outcome = await upload(`http://127.0.0.1:${line.port}/files`, content, 'снимок.png');
    expect(outcome.error).toBeUndefined();
    expect(line.cuts).toBeGreaterThan(15);
    const arrived = await download(api, 'снимок.png');
    expect(
      createHash('sha256')
        .update(arrived as Buffer)
        .digest('hex'),
    ).toBe(createHash('sha256').update(content).digest('hex'));
  });

  it('go on where they were after the service was stopped and started again', async () => {
    await using first = await start({ maxBytes: 8 * 1024 * 1024 });
    const content = picture(1_000_000);
    const location = await create(first, 'a.png', content.length);
    const half = await tus(first, 'PATCH', location, patchHeaders(0), content.subarray(0, 400_000));
    expect([half.status, half.headers.get('upload-offset')]).toEqual([204, '400000']);
    await first.stop();
    await using second = await start({ maxBytes: 8 * 1024 * 1024, place: first.place });
    const outcome = await upload(`${second.url}/files`, content, 'a.png', {
      uploadUrl: second.url + location,
    });
    expect(outcome.error).toBeUndefined();
    expect(content.equals((await download(second, 'a.png')) as Buffer)).toBe(true);
  });

  it('obey the rules of every upload from the first request on', async () => {
    await using api = await start({ maxBytes: 1000 });
    await fetch(`${api.url}/upload/taken.txt`, { method: 'POST', body: 'x' });
    const cases: readonly (readonly [string | undefined, number, number])[] = [
      ['../a.txt', 10, 400],
      ['nul.txt', 10, 400],
      ['README', 10, 400],
      [undefined, 10, 400],
      ['a.exe', 10, 415],
      ['taken.txt', 10, 409],
      ['a.txt', 1001, 413],
    ];
    for (const [filename, size, status] of cases) {
      const headers = {
        'Upload-Length': String(size),
        ...(filename === undefined ? {} : metadata(filename)),
      };
      const answer = await tus(api, 'POST', '/files', headers);
      expect([filename, answer.status]).toEqual([filename, status]);
      expect(answer.text.length).toBeGreaterThan(10);
    }
    expect(await api.place.resumable()).toEqual([]);
  });

  it('are refused at their end when the content contradicts the name, and nothing of them is kept', async () => {
    await using api = await start();
    const outcome = await upload(`${api.url}/files`, Buffer.from('<script>alert(1)</script>'), 'a.png', {
      retryDelays: [],
    });
    expect(outcome.error).toMatch(/415/);
    expect(await download(api, 'a.png')).toBe(404);
    expect(await api.place.resumable()).toEqual([]);
  });

  it('are refused at their end when another upload took the name meanwhile', async () => {
    await using api = await start();
    const location = await create(api, 'a.txt', 4);
    await fetch(`${api.url}/upload/a.txt`, { method: 'POST', body: 'first' });
    const late = await tus(api, 'PATCH', location, patchHeaders(0), Buffer.from('late'));
    expect(late.status).toBe(409);
    expect(String(await download(api, 'a.txt'))).toBe('first');
    expect((await tus(api, 'HEAD', location)).status).toBe(404);
  });

  it('are known as complete to a client whose last answer was lost, and keep no bytes twice', async () => {
    await using api = await start();
    const location = await create(api, 'a.txt', 4);
    expect((await tus(api, 'PATCH', location, patchHeaders(0), Buffer.from('text'))).status).toBe(204);
    const asked = await tus(api, 'HEAD', location);
    expect([asked.status, asked.headers.get('upload-offset'), asked.headers.get('upload-length')]).toEqual([
      200,
      '4',
      '4',
    ]);
    expect((await api.place.resumable()).filter((name) => !/\.(json|info|finished)$/.test(name))).toEqual([]);
  });

  it('appear when the service had stopped between the last byte and the name', async () => {
    await using first = await start();
    const location = await create(first, 'a.txt', 4);
    // The last request as it leaves the disk: all bytes there, the file not in the exchange.
    await first.place.completeUnnoticed(location.split('/')[2] ?? '', 'text');
    await first.stop();
    await using second = await start({ place: first.place });
    const outcome = await upload(`${second.url}/files`, Buffer.from('text'), 'a.txt', {
      uploadUrl: second.url + location,
    });
    expect(outcome.error).toBeUndefined();
    expect(String(await download(second, 'a.txt'))).toBe('text');
  });

  it('may be empty, and may come with their creation', async () => {
    await using api = await start();
    expect((await upload(`${api.url}/files`, Buffer.alloc(0), 'empty.txt')).error).toBeUndefined();
    const options = { uploadDataDuringCreation: true };
    expect(
      (await upload(`${api.url}/files`, Buffer.from('text'), 'whole.txt', options)).error,
    ).toBeUndefined();
    expect(await (await fetch(`${api.url}/download`)).json()).toMatchObject([
      { filename: 'empty.txt' },
      { filename: 'whole.txt' },
    ]);
  });

  it('drop bytes whose checksum is wrong and take them again', async () => {
    await using api = await start();
    const content = Buffer.from('some text');
    const location = await create(api, 'a.txt', content.length);
    const right = createHash('sha1').update(content).digest('base64');
    const wrong = createHash('sha1').update('other').digest('base64');
    const refused = await tus(
      api,
      'PATCH',
      location,
      patchHeaders(0, { 'Upload-Checksum': `sha1 ${wrong}` }),
      content,
    );
    expect(refused.status).toBe(460);
    expect((await tus(api, 'HEAD', location)).headers.get('upload-offset')).toBe('0');
    const unknown = await tus(
      api,
      'PATCH',
      location,
      patchHeaders(0, { 'Upload-Checksum': `crc32 ${right}` }),
      content,
    );
    expect(unknown.status).toBe(400);
    const taken = await tus(
      api,
      'PATCH',
      location,
      patchHeaders(0, { 'Upload-Checksum': `sha1 ${right}` }),
      content,
    );
    expect(taken.status).toBe(204);
    expect(String(await download(api, 'a.txt'))).toBe('some text');
  });

  it('keep what came when the sender stands still or its line is cut, and let nothing hold them up', async () => {
    await using api = await start({ idleMs: 2_000 });
    const { descriptors } = await api.footprint();
    const location = await create(api, 'a.txt', 9);
    const patch = (offset: number) =>
      requestHead(`PATCH ${location}`, {
        'Tus-Resumable': '1.0.0',
        ...patchHeaders(offset),
        'Content-Length': String(9 - offset),
      });
    expect((await sendRaw(api.port, [patch(0), 'some'])).status).toBeUndefined();
    expect((await tus(api, 'HEAD', location)).headers.get('upload-offset')).toBe('4');
    expect((await sendRaw(api.port, [patch(4), ' t', { waitMs: 500 }, 'cut'])).status).toBeUndefined();
    await expect
      .poll(async () => (await tus(api, 'HEAD', location)).headers.get('upload-offset'), WAIT)
      .toBe('6');
    expect((await sendRaw(api.port, [patch(6), 'ext'])).status).toBe(204);
    expect(String(await download(api, 'a.txt'))).toBe('some text');
    await expect
      .poll(async () => (await api.footprint()).descriptors, WAIT)
      .toBeLessThanOrEqual(descriptors + 2);
  });

  it.runIf(where === 'a folder')(
    'stop with 507 when the disk runs full, before they begin or in the middle',
    async () => {
      await using full = await start({ reserveBytes: Number.MAX_SAFE_INTEGER });
      const refused = await tus(full, 'POST', '/files', { 'Upload-Length': '10', ...metadata('a.txt') });
      expect(refused.status).toBe(507);
      const size = 40 * 1024 * 1024;
      const options = { maxBytes: size, resumableReserveBytes: Number.MAX_SAFE_INTEGER };
      await using filling = await start(options);
      const location = await create(filling, 'a.csv', size);
      const stopped = await tus(filling, 'PATCH', location, patchHeaders(0), Buffer.alloc(size, 'x'));
      expect([stopped.status, stopped.text]).toEqual([507, 'There is no space left for the file.\n']);
      const offset = Number((await tus(filling, 'HEAD', location)).headers.get('upload-offset'));
      expect(offset).toBeLessThan(size);
    },
  );

  it('may say how long they are when they know it', async () => {
    await using api = await start({ maxBytes: 1_000_000 });
    const content = picture(300_000);
    const options = { uploadLengthDeferred: true, chunkSize: 70_000 };
    const source = Readable.from(content, { objectMode: false });
    expect((await upload(`${api.url}/files`, source, 'a.png', options)).error).toBeUndefined();
    expect(content.equals((await download(api, 'a.png')) as Buffer)).toBe(true);
    const endless = Readable.from(picture(1_100_000), { objectMode: false });
    const outcome = await upload(`${api.url}/files`, endless, 'b.png', { ...options, retryDelays: [] });
    expect(outcome.error).toMatch(/413/);
  });

  it('can be given up', async () => {
    await using api = await start();
    const location = await create(api, 'a.txt', 10);
    await tus(api, 'PATCH', location, patchHeaders(0), Buffer.from('half'));
    expect((await tus(api, 'DELETE', location)).status).toBe(204);
    expect((await tus(api, 'HEAD', location)).status).toBe(404);
    expect(await api.place.resumable()).toEqual([]);
  });

  it('expire, with everything that is left of them', async () => {
    await using api = await start({ expirationMs: 3_000 });
    const location = await create(api, 'a.txt', 10);
    await tus(api, 'PATCH', location, patchHeaders(0), Buffer.from('half'));
    await api.place.litter();
    expect(await api.sweep()).toBe(0);
    await expect.poll(async () => (await tus(api, 'HEAD', location)).status).toBe(410);
    let swept = 0;
    const left = async () => {
      swept += await api.sweep();
      return await api.place.resumable();
    };
    await expect.poll(left).toEqual([]);
    expect(swept).toBeGreaterThan(0);
  });

  it('never lead outside their folder, and say nothing of the host', async () => {
    await using api = await start();
    for (const id of ['..%2f..%2fjobs.txt', 'a.json', `${'0'.repeat(32)}.json`, '0'.repeat(32), '%00']) {
      for (const method of ['HEAD', 'DELETE', 'PATCH']) {
        const answer = await tus(api, method, `/files/${id}`, method === 'PATCH' ? patchHeaders(0) : {});
        expect([id, method, answer.status]).toEqual([id, method, 404]);
        expect(answer.text).not.toContain(api.dataFolder);
      }
    }
  });

  it('tell what they can do, and let no page of another origin in', async () => {
    await using api = await start({ maxBytes: 1000 });
    const options = await fetch(`${api.url}/files`, {
      method: 'OPTIONS',
      headers: { Origin: 'https://evil.example' },
    });
    expect(options.status).toBe(204);
    const told = options.headers;
    expect(told.get('tus-version')).toBe('1.0.0');
    expect(told.get('tus-max-size')).toBe('1000');
    for (const extension of ['creation', 'expiration', 'termination', 'checksum'])
      expect(told.get('tus-extension')).toContain(extension);
    expect(told.get('tus-checksum-algorithm')).toContain('sha1');
    expect(told.get('access-control-allow-origin')).toBeNull();
    expect((await fetch(`${api.url}/files`, { method: 'POST' })).status).toBe(412);
  });
});
