import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { LocalAws } from '@pi-jobs/aws-store/testing';
import { describeContent } from '@pi-jobs/http-files/contract-suite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucketPlace } from '../testing/bucket-place.ts';
import type { FilePlace } from '../testing/file-place.ts';
import { startDownloadApi, type TestApi } from '../testing/start-download-api.ts';

const content = Buffer.from(Array.from({ length: 1000 }, (_, n) => 0x20 + (n % 95)));

describe.each(['a folder', 'S3'])('downloading a file from %s', (where) => {
  // More than the system takes on for a reader that is gone; the emulator holds all of it in memory each time.
  const largeBytes = (where === 'S3' ? 16 : 64) * 1024 * 1024;
  let aws: LocalAws | undefined;
  let place: FilePlace | undefined;
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
    if (where === 'S3') {
      aws = await LocalAws.start();
      place = await bucketPlace(aws);
    }
    const options = { maxBytes: 128 * 1024 * 1024 };
    api = await startDownloadApi(place === undefined ? options : { ...options, place });
    const stored = await fetch(`${api.url}/upload/a.txt`, { method: 'POST', body: content });
    expect(stored.status).toBe(201);
    etag = stored.headers.get('etag') ?? '';
  });

  afterAll(async () => {
    await api[Symbol.asyncDispose]();
    await place?.[Symbol.asyncDispose]();
    await aws?.[Symbol.asyncDispose]();
  });

  it('gives its bytes under its own type, for a browser to show', async () => {
    const { status, headers, bytes } = await get('/download/a.txt');
    expect([status, bytes.equals(content)]).toEqual([200, true]);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': 'inline; filename="a.txt"',
      etag,
    });
  });

  describeContent(() => `${api.url}/download/a.txt`);

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
    const large = Buffer.alloc(largeBytes, 'pi ');
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
    const large = Buffer.alloc(largeBytes, 'pi ');
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
      .poll(async () => (await api.footprint()).descriptors, { timeout: 10_000 })
      .toBeLessThanOrEqual(descriptors);
  });
});
