import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ask, openQueue, startJobApi } from '../testing/start-job-api.ts';
import { modify, pull, reserve, untilBytes, untilStatus, workerStatus } from '../testing/worker-client.ts';

const SIZE = 64 << 20;

async function start(options: Parameters<typeof startJobApi>[0] = {}) {
  const api = await startJobApi({ ...options, env: { MAX_CONCURRENT_JOBS: '4' } });
  const content = Buffer.alloc(SIZE, 'never the same river twice\n');
  await writeFile(`${api.dataDir}/files/big.txt`, content);
  const slotsLeft = async () => (await ask(`${api.url}/new_job`)).headers.get('ratelimit');
  return { ...api, content, slotsLeft };
}

describe('POST /download/new/:worker_id', () => {
  it('sends a stored file whole, named and sized', async () => {
    const { url, content } = await start();
    const id = await reserve(url);
    const response = await fetch(`${url}/download/new/${id}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"filename":"big.txt"}',
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe(String(SIZE));
    expect(response.headers.get('content-disposition')).toContain('filename="big.txt"');
    const received = createHash('sha256').update(Buffer.from(await response.arrayBuffer()));
    expect(received.digest('hex')).toBe(createHash('sha256').update(content).digest('hex'));
    const { body } = await untilStatus(url, id, 'completed');
    expect(body).toMatchObject({ kind: 'download', filename: 'big.txt', bytes: SIZE, total: SIZE });
    const again = await ask(`${url}/download/new/${id}`, { json: { filename: 'big.txt' } });
    expect([again.status, again.body['code']]).toEqual([400, 'bad_worker_id']);
  });

  it('sends the archive of a complete job', async () => {
    const { url, dataDir } = await start();
    await ask(`${url}/jobs`, { json: { num: 5 } });
    const claim = await (await openQueue(dataDir)).mustClaim();
    await claim.appendDigits(Buffer.from('31415'));
    await claim.complete(null);
    const id = await reserve(url);
    const { headers, ended } = await pull(url, id, { job_id: 1 });
    expect(headers['content-type']).toBe('application/zip');
    expect(headers['content-disposition']).toContain('digits_of_pi_1.zip');
    expect(await ended).toEqual({ whole: true, bytes: Number(headers['content-length']) });
  });

  it('refuses with the right code and leaves the worker id good', async () => {
    const { url } = await start();
    await ask(`${url}/jobs`, { json: { num: 5 } });
    const id = await reserve(url);
    const refusals: readonly (readonly [unknown, number])[] = [
      [{}, 400],
      [[], 400],
      ['big.txt', 400],
      [{ filename: 'big.txt', job_id: 1 }, 400],
      [{ filename: 7 }, 400],
      [{ filename: 'big.txt', more: 1 }, 400],
      [{ job_id: '1' }, 400],
      [{ job_id: 0 }, 400],
      [{ filename: 'none.txt' }, 404],
      [{ filename: '../jobs.txt' }, 404],
      [{ filename: '' }, 404],
      [{ job_id: 99 }, 404],
      [{ job_id: crypto.randomUUID() }, 404],
      [{ job_id: 1 }, 409],
    ];
    for (const [json, status] of refusals) {
      const answer = await ask(`${url}/download/new/${id}`, { json });
      expect([answer.status, answer.body['success']], JSON.stringify([json, answer.body])).toEqual([
        status,
        false,
      ]);
      expect((await workerStatus(url, id)).body, JSON.stringify(json)).toMatchObject({ status: 'reserved' });
    }
    const waiting = await ask(`${url}/download/new/${id}`, { json: { job_id: 1 } });
    expect(waiting.headers.get('retry-after')).toMatch(/^\d+$/);
    const { status, ended } = await pull(url, id, { filename: 'big.txt' });
    expect([status, (await ended).whole]).toEqual([200, true]);
  });

  it('refuses bad, expired and terminated worker ids', async () => {
    const { url } = await startJobApi({ env: { WORKER_ID_TTL_SECONDS: '1', MAX_CONCURRENT_JOBS: '4' } });
    const terminated = await reserve(url);
    await modify(url, terminated, 'terminated');
    const expired = await reserve(url);
    await sleep(1_050);
    for (const id of [terminated, expired, 'x', crypto.randomUUID()]) {
      const { status, body } = await ask(`${url}/download/new/${id}`, { json: { filename: 'a.txt' } });
      expect([status, body['code']]).toEqual([400, 'bad_worker_id']);
    }
  });
});

describe('a download on its way', () => {
  it('stands still while it is paused through another instance, and is whole in the end', async () => {
    const { url, dataDir } = await start();
    const other = await startJobApi({ dataDir });
    const id = await reserve(other.url);
    const pulling = await pull(url, id, { filename: 'big.txt' });
    pulling.hold();
    await untilBytes(other.url, id, 1);
    expect((await modify(other.url, id, 'paused')).body).toMatchObject({ status: 'paused' });
    pulling.goOn();
    await sleep(500);
    const { body: before } = await workerStatus(url, id);
    const received = pulling.received();
    const { arrayBuffers } = process.memoryUsage();
    await sleep(1_500);
    expect(pulling.received()).toBe(received);
    expect(received).toBeLessThan(SIZE);
    expect((await workerStatus(other.url, id)).body).toEqual(before);
    expect(before).toMatchObject({ status: 'paused', bytes_per_second: 0, total: SIZE });
    expect(process.memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(2 << 20);
    expect((await modify(url, id, 'running')).body).toMatchObject({ status: 'running' });
    expect(await pulling.ended).toEqual({ whole: true, bytes: SIZE });
    expect((await untilStatus(other.url, id, 'completed')).body).toMatchObject({ bytes: SIZE });
  });

  it.each(['running', 'paused'])('is cut short when it is terminated while it is %s', async (state) => {
    const { url, slotsLeft } = await start();
    const id = await reserve(url);
    const pulling = await pull(url, id, { filename: 'big.txt' });
    pulling.hold();
    await untilBytes(url, id, 1);
    if (state === 'paused') await modify(url, id, 'paused');
    expect((await modify(url, id, 'terminated')).body).toMatchObject({ status: 'terminated' });
    pulling.goOn();
    const { whole, bytes } = await pulling.ended;
    expect(whole).toBe(false);
    expect(bytes).toBeLessThan(SIZE);
    expect((await workerStatus(url, id)).body).toMatchObject({ status: 'terminated' });
    expect(await slotsLeft()).toBe('"slots";r=3');
  });

  it('fails and gives its slot back when its client goes away', async () => {
    const { url, slotsLeft } = await start();
    const id = await reserve(url);
    const pulling = await pull(url, id, { filename: 'big.txt' });
    pulling.hold();
    await untilBytes(url, id, 1);
    pulling.leave();
    await untilStatus(url, id, 'failed');
    expect(await slotsLeft()).toBe('"slots";r=3');
  });

  it('is cut when its client takes nothing, and not while it is paused', async () => {
    const { url } = await start({ times: { transferLimits: { idleMs: 1_000 } } });
    const [deaf, patient] = [await reserve(url), await reserve(url)];
    const pulls = [
      await pull(url, deaf, { filename: 'big.txt' }),
      await pull(url, patient, { filename: 'big.txt' }),
    ];
    for (const pulling of pulls) pulling.hold();
    await untilBytes(url, patient, 1);
    await modify(url, patient, 'paused');
    await untilStatus(url, deaf, 'failed');
    await sleep(1_500);
    expect((await workerStatus(url, patient)).body).toMatchObject({ status: 'paused' });
  });

  it('is finished when the service stops, and ends when it is paused then', async () => {
    const { url, stop } = await start();
    const [moving, still] = [await reserve(url), await reserve(url)];
    const going = await pull(url, moving, { filename: 'big.txt' });
    const waiting = await pull(url, still, { filename: 'big.txt' });
    for (const pulling of [going, waiting]) pulling.hold();
    await untilBytes(url, still, 1);
    await modify(url, still, 'paused');
    const stopped = stop();
    await sleep(200);
    for (const pulling of [going, waiting]) pulling.goOn();
    expect(await going.ended).toEqual({ whole: true, bytes: SIZE });
    expect((await waiting.ended).whole).toBe(false);
    expect(await stopped).toBe(true);
  });
});
