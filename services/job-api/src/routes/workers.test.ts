import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { ask, openQueue, post, startJobApi } from '../testing/start-job-api.ts';
import { modify, reserve, untilStatus, workerStatus } from '../testing/worker-client.ts';

const UNKNOWN = '00000000-0000-4000-8000-000000000000';

const start = (slots: number, env: NodeJS.ProcessEnv = {}) =>
  startJobApi({ env: { MAX_CONCURRENT_JOBS: String(slots), ...env } });
const ledger = (dataDir: string) => readFile(`${dataDir}/jobs.txt`, 'utf8').catch(() => '');

describe('GET /new_job', () => {
  it('gives a worker id for a time, and says what is left', async () => {
    const { url } = await start(2);
    const askedAt = Date.now();
    const { status, body, headers } = await ask(`${url}/new_job`);
    expect(status).toBe(200);
    expect(body).toEqual({
      worker_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      expires_at: expect.stringMatching(/^\d{4}-.*Z$/),
      expires_in: 300,
    });
    const expiresAt = Date.parse(String(body['expires_at']));
    expect(expiresAt).toBeGreaterThanOrEqual(askedAt + 300_000);
    expect(expiresAt).toBeLessThanOrEqual(Date.now() + 300_000);
    expect(headers.get('ratelimit-policy')).toBe('"slots";q=2');
    expect(headers.get('ratelimit')).toBe('"slots";r=1');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('answers 503 with Retry-After when every slot is taken, on every instance', async () => {
    const { url, dataDir } = await start(1);
    const other = await startJobApi({ dataDir, env: { MAX_CONCURRENT_JOBS: '1' } });
    const id = await reserve(url);
    for (const base of [url, other.url]) {
      const { status, body, headers } = await ask(`${base}/new_job`);
      expect([status, body['code'], body['success']]).toEqual([503, 'no_free_slot', false]);
      expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
      expect(headers.get('ratelimit')).toBe('"slots";r=0');
    }
    expect((await modify(other.url, id, 'terminated')).body).toMatchObject({
      status: 'terminated',
      kind: null,
    });
    await reserve(url);
  });

  it('takes no slot when it is asked by HEAD, which tells no worker id', async () => {
    const { url } = await start(1);
    const head = await fetch(`${url}/new_job`, { method: 'HEAD' });
    expect([head.status, head.headers.get('ratelimit')]).toEqual([200, '"slots";r=1']);
    await reserve(url);
  });

  it('counts running digit jobs, whoever made them', async () => {
    const { url, dataDir } = await start(1);
    await ask(`${url}/jobs`, { json: { num: 5 } });
    const claim = await (await openQueue(dataDir, 1)).mustClaim();
    expect((await ask(`${url}/new_job`)).status).toBe(503);
    await claim.fail('to make room');
    await reserve(url);
  });

  it('gives a slot again when its id has expired', async () => {
    const { url } = await start(1, { WORKER_ID_TTL_SECONDS: '1' });
    const id = await reserve(url);
    expect((await ask(`${url}/new_job`)).status).toBe(503);
    await sleep(1_050);
    await reserve(url);
    expect((await workerStatus(url, id)).body).toMatchObject({ status: 'expired', kind: null });
    const late = await ask(`${url}/job/new/${id}`, { json: { num: 5 } });
    expect([late.status, late.body['code']]).toEqual([400, 'bad_worker_id']);
  });

  it('never gives more than there are to 200 requests at once on two instances', async () => {
    const { url, dataDir } = await start(7);
    const other = await startJobApi({ dataDir, env: { MAX_CONCURRENT_JOBS: '7' } });
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) => ask(`${i % 2 === 0 ? url : other.url}/new_job`)),
    );
    const given = answers.filter(({ status }) => status === 200);
    expect(given).toHaveLength(7);
    expect(new Set(given.map(({ body }) => body['worker_id'])).size).toBe(7);
    expect(answers.filter(({ status }) => status === 503)).toHaveLength(193);
  });
});

describe('POST /job/new/:worker_id', () => {
  it('is held open while the job is paused, resumed and finished, and answers with its final state', async () => {
    const { url, dataDir } = await start(2);
    const id = await reserve(url);
    const held = ask(`${url}/job/new/${id}`, { json: { num: 5 } });
    const { mustClaim } = await openQueue(dataDir);
    const first = await mustClaim();
    const paused = modify(url, id, 'paused');
    await once(first.signal, 'abort');
    await first.settle();
    expect((await paused).body).toMatchObject({ status: 'paused', kind: 'digits', job_id: 1, num: 5 });
    expect((await modify(url, id, 'running')).body).toMatchObject({ status: 'queued' });
    const second = await mustClaim();
    await second.appendDigits(Buffer.from('31415'));
    await second.complete(null);
    const { status, body } = await held;
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'completed', job_id: 1, num: 5, worker_id: id });
    expect(body['links']).toMatchObject({ status: '/jobs/1/status' });
    expect((await workerStatus(url, id)).body).toMatchObject({ status: 'completed', digits_written: 5 });
  });

  it('answers 200 when the job is terminated, 500 when it fails', async () => {
    const { url, dataDir } = await start(2);
    const id = await reserve(url);
    const held = ask(`${url}/job/new/${id}`, { json: { num: 5 } });
    // The worker id is in use a moment before its job is in the ledger.
    await vi.waitFor(async () => expect((await post(`${url}/jobs/1/terminate`)).status).toBe(200), 10_000);
    expect(await held).toMatchObject({ status: 200, body: { status: 'terminated', job_id: 1 } });

    const failing = await reserve(url);
    const failed = ask(`${url}/job/new/${failing}`, { json: { num: 6 } });
    await (await (await openQueue(dataDir)).mustClaim()).fail('the digits ran out');
    const { status, body } = await failed;
    expect(status).toBe(500);
    expect(body).toMatchObject({
      code: 'work_failed',
      detail: 'the digits ran out',
      job_id: 2,
      worker_id: failing,
    });
  });

  it.each(['{"num":0}', '{"num":"5"}', '{}', '', 'no', '{"num":5,"more":1}', '[5]', '{"num":1e400}'])(
    'refuses the body %j and leaves the id good',
    async (body) => {
      const { url, dataDir } = await start(1);
      const id = await reserve(url);
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
      expect((await ask(`${url}/job/new/${id}`, init)).status).toBe(400);
      expect((await workerStatus(url, id)).body).toMatchObject({ status: 'reserved' });
      expect(await ledger(dataDir)).toBe('');
    },
  );

  it('refuses bad, used and terminated ids and makes no job', async () => {
    const { url, dataDir } = await start(4);
    const used = await reserve(url);
    void ask(`${url}/job/new/${used}`, { json: { num: 5 } }).catch(() => undefined);
    await untilStatus(url, used, 'queued');
    const terminated = await reserve(url);
    await modify(url, terminated, 'terminated');
    for (const id of [
      'x',
      '-',
      UNKNOWN,
      used,
      terminated,
      used.toUpperCase(),
      `${used}x`,
      '..%2f..%2fjobs',
      '%00',
    ]) {
      const { status, body } = await ask(`${url}/job/new/${id}`, { json: { num: 7 } });
      expect([status, body['code']], id).toEqual([400, 'bad_worker_id']);
    }
    expect(await ledger(dataDir)).toBe('1, 5\n');
  });

  it('makes one job of many requests with one id', async () => {
    const { url, dataDir } = await start(2);
    const other = await startJobApi({ dataDir, env: { MAX_CONCURRENT_JOBS: '2' } });
    const id = await reserve(url);
    const requests = Array.from({ length: 20 }, (_, i) =>
      ask(`${i % 2 === 0 ? url : other.url}/job/new/${id}`, { json: { num: 5 } }),
    );
    await untilStatus(url, id, 'queued');
    await sleep(300);
    await modify(url, id, 'terminated');
    const statuses = (await Promise.all(requests)).map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array<number>(19).fill(400)]);
    expect(await ledger(dataDir)).toBe('1, 5\n');
  });

  it('goes on when its client hangs up', async () => {
    const { url, dataDir } = await start(1);
    const id = await reserve(url);
    const controller = new AbortController();
    const held = ask(`${url}/job/new/${id}`, { json: { num: 5 }, signal: controller.signal });
    await untilStatus(url, id, 'queued');
    controller.abort();
    await expect(held).rejects.toThrow();
    const claim = await (await openQueue(dataDir, 1)).mustClaim();
    await claim.appendDigits(Buffer.from('31415'));
    await claim.complete(null);
    await untilStatus(url, id, 'completed');
    await reserve(url);
  });

  it('answers 503 when the service stops and the job waits, and the job stays', async () => {
    const { url, stop, dataDir } = await start(1);
    const id = await reserve(url);
    const held = ask(`${url}/job/new/${id}`, { json: { num: 5 } });
    await untilStatus(url, id, 'queued');
    const stopped = stop();
    const { status, body, headers } = await held;
    expect([status, body['code'], body['job_id']]).toEqual([503, 'shutting_down', 1]);
    expect(headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await stopped).toBe(true);
    const next = await startJobApi({ dataDir });
    expect((await workerStatus(next.url, id)).body).toMatchObject({ status: 'queued', job_id: 1 });
  });

  it('waits at a stop for a job that runs, as long as that may take', async () => {
    const { url, stop, dataDir } = await start(1, { SHUTDOWN_TIMEOUT_SECONDS: '9' });
    const id = await reserve(url);
    const held = ask(`${url}/job/new/${id}`, { json: { num: 5 } });
    const claim = await (await openQueue(dataDir, 1)).mustClaim();
    await untilStatus(url, id, 'running');
    const stopped = stop();
    await sleep(500);
    await claim.appendDigits(Buffer.from('31415'));
    await claim.complete(null);
    expect(await held).toMatchObject({ status: 200, body: { status: 'completed' } });
    expect(await stopped).toBe(true);
  });
});

describe('POST /modify/:worker_id/:new_job_status', () => {
  it.each(['', 'completed', 'reserved', 'Paused', 'pause', 'queued', 'failed', 'expired', '1', '%00'])(
    'refuses the status %j',
    async (wanted) => {
      const { url } = await start(1);
      const id = await reserve(url);
      const { status } = await modify(url, id, wanted);
      expect(status).toBe(wanted === '' ? 404 : 400);
      expect((await workerStatus(url, id)).body).toMatchObject({ status: 'reserved' });
    },
  );

  it('refuses what a reservation cannot become and says what it can', async () => {
    const { url } = await start(1);
    const id = await reserve(url);
    for (const wanted of ['paused', 'running']) {
      const { status, body } = await modify(url, id, wanted);
      expect(status).toBe(400);
      expect(body).toMatchObject({
        code: 'bad_worker_move',
        current_status: 'reserved',
        allowed: ['terminated'],
      });
    }
    expect((await modify(url, id, 'terminated')).status).toBe(200);
    expect((await modify(url, id, 'terminated')).status, 'it is so already').toBe(200);
    for (const wanted of ['paused', 'running']) {
      expect((await modify(url, id, wanted)).body).toMatchObject({
        current_status: 'terminated',
        allowed: [],
      });
    }
  });

  it('follows the table for a digit job, and answers 400 where /jobs answers 409', async () => {
    const { url } = await start(1);
    const id = await reserve(url);
    const held = ask(`${url}/job/new/${id}`, { json: { num: 5 } });
    await untilStatus(url, id, 'queued');
    expect((await modify(url, id, 'running')).body).toMatchObject({ status: 'queued' });
    expect((await modify(url, id, 'paused')).body).toMatchObject({ status: 'paused' });
    expect((await modify(url, id, 'paused')).body).toMatchObject({ status: 'paused' });
    expect((await modify(url, id, 'running')).body).toMatchObject({ status: 'queued' });
    expect((await modify(url, id, 'terminated')).body).toMatchObject({ status: 'terminated' });
    await held;
    const { status, body } = await modify(url, id, 'running');
    expect([status, body['current_status'], body['allowed']]).toEqual([400, 'terminated', []]);
    expect((await post(`${url}/jobs/1/resume`)).status).toBe(409);
  });

  it.each(['x', UNKNOWN, '..%2f', '%00'])('and the status refuse the worker id %s', async (id) => {
    const { url } = await start(1);
    for (const wanted of ['paused', 'running', 'terminated']) {
      const { status, body } = await modify(url, id, wanted);
      expect([status, body['code']]).toEqual([400, 'bad_worker_id']);
    }
    expect((await workerStatus(url, id)).status).toBe(400);
  });
});
