import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDownloadApi, type TestApi } from '../testing/start-download-api.ts';

const content = Buffer.from(Array.from({ length: 1000 }, (_, n) => 0x20 + (n % 95)));

describe('downloading a file', () => {
  let api: TestApi;
  let etag: string;

  async function get(path: string, headers: Record<string, string> = {}, method = 'GET') {
    const response = await fetch(api.url + path, { method, headers });
    return {
      status: response.status,
      headers: response.headers,
      bytes: Buffer.from(await response.arrayBuffer()),
    };
  }

  beforeAll(async () => {
    api = await startDownloadApi({ maxBytes: 128 * 1024 * 1024 });
    const stored = await fetch(`${api.url}/upload/a.txt`, { method: 'POST', body: content });
    expect(stored.status).toBe(201);
    etag = stored.headers.get('etag') ?? '';
  });

  afterAll(() => api[Symbol.asyncDispose]());

  it('gives its bytes with everything that a cache and a browser need', async () => {
    const { status, headers, bytes } = await get('/download/a.txt');
    expect(status).toBe(200);
    expect(bytes.equals(content)).toBe(true);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-length': '1000',
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': 'inline; filename="a.txt"',
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
      etag,
    });
    expect(etag).toMatch(/^"[^"]+"$/);
  });

  it('answers HEAD as GET without the bytes', async () => {
    const [head, whole] = [await get('/download/a.txt', {}, 'HEAD'), await get('/download/a.txt')];
    expect([head.status, head.bytes.length]).toEqual([200, 0]);
    const facts = (headers: Headers) =>
      [...headers].filter(([name]) => !['date', 'x-request-id', 'connection', 'keep-alive'].includes(name));
    expect(facts(head.headers)).toEqual(facts(whole.headers));
  });

  it('gives one part', async () => {
    const { status, headers, bytes } = await get('/download/a.txt', { Range: 'bytes=10-19' });
    expect([status, headers.get('content-range'), headers.get('content-length')]).toEqual([
      206,
      'bytes 10-19/1000',
      '10',
    ]);
    expect(bytes.equals(content.subarray(10, 20))).toBe(true);
  });

  it('gives several parts, each with its head', async () => {
    const { status, headers, bytes } = await get('/download/a.txt', { Range: 'bytes=0-1,-3' });
    const boundary = /^multipart\/byteranges; boundary=(.+)$/.exec(headers.get('content-type') ?? '')?.[1];
    expect([status, headers.get('content-length')]).toEqual([206, String(bytes.length)]);
    const part = (range: string, text: Buffer) =>
      `\r\n--${boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes ${range}/1000\r\n\r\n${text}`;
    expect(String(bytes)).toBe(
      `${part('0-1', content.subarray(0, 2))}${part('997-999', content.subarray(997))}\r\n--${boundary}--\r\n`,
    );
  });

  it('says how long it is when a part begins beyond its end', async () => {
    const { status, headers, bytes } = await get('/download/a.txt', { Range: 'bytes=1000-' });
    expect([status, headers.get('content-range')]).toEqual([416, 'bytes */1000']);
    expect(headers.get('etag')).toBeNull();
    expect(JSON.parse(String(bytes))).toMatchObject({ success: false, status: 416 });
  });

  it('gives the whole for a Range that says nothing, and for HEAD with one', async () => {
    for (const range of ['bytes=5-3', 'lines=1-2', 'bytes=0-,0-'])
      expect((await get('/download/a.txt', { Range: range })).status).toBe(200);
    expect((await get('/download/a.txt', { Range: 'bytes=0-1' }, 'HEAD')).status).toBe(200);
  });

  it('honours conditions', async () => {
    const modified = (await get('/download/a.txt')).headers.get('last-modified') ?? '';
    const earlier = new Date(Date.parse(modified) - 1000).toUTCString();
    const cases: readonly (readonly [Record<string, string>, number])[] = [
      [{ 'If-None-Match': etag }, 304],
      [{ 'If-None-Match': `"other", W/${etag}` }, 304],
      [{ 'If-None-Match': '*' }, 304],
      [{ 'If-None-Match': '"other"' }, 200],
      [{ 'If-None-Match': '"other"', 'If-Modified-Since': modified }, 200],
      [{ 'If-Modified-Since': modified }, 304],
      [{ 'If-Modified-Since': earlier }, 200],
      [{ 'If-Modified-Since': 'yesterday' }, 200],
      [{ 'If-Match': etag }, 200],
      [{ 'If-Match': '*' }, 200],
      [{ 'If-Match': `W/${etag}` }, 412],
      [{ 'If-Match': '"other"' }, 412],
      [{ 'If-Unmodified-Since': earlier }, 412],
      [{ 'If-Unmodified-Since': modified }, 200],
      [{ Range: 'bytes=0-1', 'If-Range': etag }, 206],
      [{ Range: 'bytes=0-1', 'If-Range': '"other"' }, 200],
      [{ Range: 'bytes=0-1', 'If-Range': modified }, 206],
      [{ Range: 'bytes=0-1', 'If-Range': earlier }, 200],
      [{ Range: 'bytes=5000-', 'If-None-Match': etag }, 304],
    ];
    for (const [headers, status] of cases) {
      const answer = await get('/download/a.txt', headers);
      expect([headers, answer.status]).toEqual([headers, status]);
      if (status === 304) expect([answer.bytes.length, answer.headers.get('etag')]).toEqual([0, etag]);
    }
  });

  it('keeps a name of any script, and hands out to be saved what a browser should not show', async () => {
    const name = 'отчёт «2026».csv';
    const stored = await fetch(`${api.url}/upload/${encodeURIComponent(name)}`, {
      method: 'POST',
      body: 'a;b',
    });
    expect(await stored.json()).toEqual({
      filename: name,
      url: `${api.url}/download/${encodeURIComponent(name)}`,
      size: 3,
    });
    expect(stored.headers.get('location')).toBe(`/download/${encodeURIComponent(name)}`);
    const { headers } = await get(`/download/${encodeURIComponent(name)}`);
    expect(headers.get('content-disposition')).toBe(
      `attachment; filename="_____ _2026_.csv"; filename*=UTF-8''${encodeURIComponent(name)}`,
    );
  });

  it('knows no file under any other name, and no job under a name of digits', async () => {
    for (const path of [
      'nothing.txt',
      '..%2f..%2fjobs.txt',
      '..%5cjobs.txt',

      'a.txt%00',
      'README',
      '1',
      '999',
    ]) {
      for (const method of ['GET', 'HEAD', 'DELETE'])
        expect([path, method, (await get(`/download/${path}`, {}, method)).status]).toEqual([
          path,
          method,
          404,
        ]);
    }
  });

  it('removes a file once, while a download of it goes on to its end', async () => {
    const large = Buffer.alloc(64 * 1024 * 1024, 'pi ');
    await fetch(`${api.url}/upload/large.csv`, { method: 'POST', body: large });
    const socket = connect(api.port, '127.0.0.1');
    let received = 0;
    socket.write('GET /download/large.csv HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    await once(socket, 'readable');
    expect((await get('/download/large.csv', {}, 'DELETE')).status).toBe(204);
    expect((await get('/download/large.csv', {}, 'DELETE')).status).toBe(404);
    for await (const chunk of socket) received += chunk.length;
    expect(received).toBeGreaterThan(large.length);
  });

  it('closes the file when the client leaves in the middle', async () => {
    const large = Buffer.alloc(64 * 1024 * 1024, 'pi ');
    await fetch(`${api.url}/upload/left.csv`, { method: 'POST', body: large });
    await delay(100);
    const { descriptors } = await api.footprint();
    for (let turn = 0; turn < 10; turn += 1) {
      const socket = connect(api.port, '127.0.0.1');
      socket.write('GET /download/left.csv HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await once(socket, 'readable');
      socket.destroy();
    }
    await expect
      .poll(async () => (await api.footprint()).descriptors, { timeout: 3000 })
      .toBeLessThanOrEqual(descriptors);
  });
});
