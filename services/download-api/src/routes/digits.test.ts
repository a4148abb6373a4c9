import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { FileJobStore } from '@pi-jobs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDownloadApi, type TestApi } from '../testing/start-download-api.ts';

const PI =
  '3.141592653589793238462643383279502884197169399375105820974944592307816406286208998628034825342117067';

describe('searching and counting the digits of a job', () => {
  let api: TestApi;

  /** A job of so many digits with this content, complete or not. */
  async function putJob(num: number, text: string, complete: boolean): Promise<string> {
    const jobs = new FileJobStore(api.volume);
    const { id } = await jobs.create({ num, verify: false });
    await jobs.close();
    const { layout } = api.volume;
    await writeFile(complete ? layout.digits(Number(id), num) : layout.partialDigits(Number(id), num), text);
    return id;
  }

  async function get(path: string): Promise<{ status: number; body: unknown }> {
    const response = await fetch(api.url + path);
    return { status: response.status, body: await response.json() };
  }

  beforeAll(async () => {
    api = await startDownloadApi();
  });

  afterAll(() => api[Symbol.asyncDispose]());

  it('finds digits where they are, the leading 3 being position 0', async () => {
    const id = await putJob(100, PI, true);
    expect(await get(`/digits/${id}/search?q=3`)).toMatchObject({
      body: { q: '3', positions: [0, 9, 15, 17, 24, 25, 27, 43, 46, 64, 86, 91], truncated: false },
    });
    expect(await get(`/digits/${id}/search?q=314`)).toMatchObject({ body: { positions: [0] } });
    expect(await get(`/digits/${id}/search?q=99&start=13`)).toMatchObject({ body: { positions: [44, 79] } });
    expect(await get(`/digits/${id}/search?q=9&limit=2`)).toMatchObject({
      body: { positions: [5, 12], truncated: true },
    });
    expect(await get(`/digits/${id}/search?q=9&start=1000`)).toMatchObject({
      status: 200,
      body: { positions: [], truncated: false },
    });
  });

  it('takes every number for a place, also one that is too large to count to', async () => {
    const id = await putJob(100, PI, true);
    for (const start of ['100', '9007199254740993', '9'.repeat(400)]) {
      expect((await get(`/digits/${id}?start=${start}`)).status, start).toBe(416);
      expect((await get(`/v1/pi?start=${start}`)).status, start).toBe(404);
      expect(await get(`/digits/${id}/search?q=3&start=${start}`), start).toEqual({
        status: 200,
        body: { q: '3', positions: [], truncated: false },
      });
    }
    for (const start of ['-1', '+1', '01', '1e3', '1.0', '']) {
      for (const path of [`/digits/${id}?`, `/digits/${id}/search?q=3&`, '/v1/pi?'])
        expect((await get(`${path}start=${start}`)).status, path + start).toBe(400);
    }
  });

  it('counts them', async () => {
    const id = await putJob(100, PI, true);
    const { status, body } = await get(`/digits/${id}/stats`);
    expect(status).toBe(200);
    expect(body).toEqual({
      count: 100,
      digits: { 0: 8, 1: 8, 2: 12, 3: 12, 4: 10, 5: 8, 6: 9, 7: 8, 8: 12, 9: 13 },
      chi_square: expect.closeTo(3.8, 10),
    });
  });

  it('looks at what is certain of a job that is not complete', async () => {
    const id = await putJob(1000, PI.slice(0, 12), false);
    expect(await get(`/digits/${id}/stats`)).toMatchObject({ status: 200, body: { count: 11 } });
    expect(await get(`/digits/${id}/search?q=5`)).toMatchObject({ body: { positions: [4, 8, 10] } });
  });

  it('says when to ask again for digits that are not certain yet, unless none can come any more', async () => {
    const id = await putJob(1000, PI.slice(0, 12), false);
    const beyond = () => fetch(`${api.url}/digits/${id}?start=11`);
    const early = await beyond();
    expect([early.status, early.headers.get('retry-after')]).toEqual([416, '1']);
    const jobs = new FileJobStore(api.volume);
    await jobs.command(id, 'terminated');
    await jobs.close();
    const late = await beyond();
    expect([late.status, late.headers.get('retry-after')]).toEqual([416, null]);
  });

  it('refuses what is no search', async () => {
    const id = await putJob(100, PI, true);
    for (const query of [
      '',
      'q=',
      'q=3.1',
      'q=abc',
      'q=1&limit=0',
      'q=1&limit=10001',
      'q=1&start=-1',
      `q=${'1'.repeat(1001)}`,
      'q=1&q=2',
    ]) {
      expect([query, (await get(`/digits/${id}/search?${query}`)).status]).toEqual([query, 400]);
    }
    for (const path of ['/digits/999/search?q=1', '/digits/999/stats', '/digits/x/stats'])
      expect((await get(path)).status).toBe(404);
  });

  it('stops when the client goes, so that others get their turn', async () => {
    const id = await putJob(30_000_000, `3.${'1'.repeat(29_999_999)}`, true);
    const left = Array.from({ length: 20 }, () => {
      const socket = connect(api.port, '127.0.0.1');
      socket.write(`GET /digits/${id}/search?q=${'1'.repeat(20)}2 HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      return socket;
    });
    await delay(50);
    for (const socket of left) socket.destroy();
    const started = performance.now();
    expect(await get(`/digits/${id}/search?q=31`)).toMatchObject({ status: 200, body: { positions: [0] } });
    const waited = performance.now() - started;
    const alone = performance.now();
    await get(`/digits/${id}/search?q=${'1'.repeat(20)}2`);
    expect(waited).toBeLessThan(5 * (performance.now() - alone) + 500);
  });
});
