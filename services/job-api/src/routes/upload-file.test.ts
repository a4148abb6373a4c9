import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Answer, ask, startJobApi, uploadsOn } from '../testing/start-job-api.ts';
import { modify, push, reserve, untilBytes, untilStatus, workerStatus } from '../testing/worker-client.ts';

const MIB = 1 << 20;
const raw = { method: 'POST', headers: { 'content-type': 'text/plain' } };

async function start(options: Parameters<typeof startJobApi>[0] = {}) {
  const api = await startJobApi({ ...options, env: { MAX_CONCURRENT_JOBS: '4', ...options.env } });
  const upload = (workerId: string, filename: string, body: string | FormData = 'some words') =>
    ask(
      `${api.url}/upload/new/${workerId}${filename === '' ? '' : `?filename=${encodeURIComponent(filename)}`}`,
      {
        ...(typeof body === 'string' ? raw : { method: 'POST' }),
        body,
      },
    );
  const expectNothing = async (): Promise<void> => {
    for (const until = Date.now() + 3_000; Date.now() < until; await sleep(20)) {
      const { files, partial } = await uploadsOn(api.dataDir);
      if (files.length + partial.length === 0) return;
    }
    expect(await uploadsOn(api.dataDir)).toEqual({ files: [], partial: [] });
  };
  return { ...api, upload, expectNothing };
}

function form(...files: readonly (readonly [part: string, filename: string, text: string])[]): FormData {
  const data = new FormData();
  for (const [part, filename, text] of files) data.append(part, new Blob([text]), filename);
  return data;
}

function expectProblem({ status, body }: Answer, wanted: number, code?: string): void {
  expect([status, body['success']], JSON.stringify(body)).toEqual([wanted, false]);
  if (code !== undefined) expect(body['code']).toBe(code);
}

describe('POST /upload/new/:worker_id', () => {
  it('stores a raw body and a multipart file, and tells where they are', async () => {
    const { url, upload, dataDir } = await start({ env: { DOWNLOAD_API_URL: 'http://files.example' } });
    const first = await reserve(url);
    expect(await upload(first, 'a b.txt')).toMatchObject({
      status: 200,
      body: {
        worker_id: first,
        kind: 'upload',
        status: 'completed',
        bytes: 10,
        filename: 'a b.txt',
        url: 'http://files.example/download/a%20b.txt',
      },
    });
    const second = await reserve(url);
    const long = 'x'.repeat(200_000);
    expect(await upload(second, '', form(['file', 'long.txt', long]))).toMatchObject({
      status: 200,
      body: { status: 'completed', bytes: 200_000 },
    });
    expect(await uploadsOn(dataDir)).toEqual({ files: ['a b.txt', 'long.txt'], partial: [] });
    expect((await workerStatus(url, first)).body).toMatchObject({ status: 'completed', bytes: 10 });
    for (const used of [first, second]) expectProblem(await upload(used, 'b.txt'), 400, 'bad_worker_id');
    expect((await uploadsOn(dataDir)).files).toHaveLength(2);
  });

  it('takes an empty file', async () => {
    const { url, upload } = await start();
    expect(await upload(await reserve(url), 'empty.txt', '')).toMatchObject({
      status: 200,
      body: { status: 'completed', bytes: 0 },
    });
  });

  it('refuses with the right code, leaves the worker id good and nothing behind', async () => {
    const { url, upload, dataDir } = await start({ env: { MAX_UPLOAD_BYTES: '1000' } });
    await upload(await reserve(url), 'taken.txt');
    const id = await reserve(url);
    const refusals: readonly (readonly [string, string | FormData, number])[] = [
      ['', 'no name', 400],
      ['../up.txt', 'words', 400],
      ['a/b.txt', 'words', 400],
      ['CON.txt', 'words', 400],
      ['nul\u0000.txt', 'words', 400],
      [`${'x'.repeat(256)}.txt`, 'words', 400],
      ['none', 'words', 400],
      ['taken.txt', 'words', 409],
      ['large.txt', 'x'.repeat(1001), 413],
      ['program.exe', 'words', 415],
      ['picture.png', 'words', 415],
      ['', form(), 400],
      ['', form(['other', 'a.txt', 'words']), 400],
      ['', form(['file', 'a.txt', 'one'], ['file', 'b.txt', 'two']), 400],
      ['', form(['file', '../a.txt', 'words']), 400],
      ['', form(['file', 'taken.txt', 'words']), 409],
      ['', form(['file', 'large.txt', 'x'.repeat(1001)]), 413],
      ['', form(['file', 'picture.png', 'words']), 415],
    ];
    for (const [filename, body, status] of refusals) {
      const answer = await upload(id, filename, body);
      expect([answer.status, answer.body['success']], `${filename} ${JSON.stringify(answer.body)}`).toEqual([
        status,
        false,
      ]);
      expect((await workerStatus(url, id)).body, filename).toMatchObject({ status: 'reserved', kind: null });
    }
    expect(await uploadsOn(dataDir)).toEqual({ files: ['taken.txt'], partial: [] });
    expect(await upload(id, 'good.txt')).toMatchObject({ status: 200 });
  });

  it('refuses what is announced as too large before its first byte', async () => {
    const { url, expectNothing } = await start({ env: { MAX_UPLOAD_BYTES: '1000' } });
    const id = await reserve(url);
    const { answer } = push(`${url}/upload/new/${id}?filename=a.txt`, 100 * MIB, {
      headers: { expect: '100-continue' },
    });
    expectProblem(await answer, 413);
    expect((await workerStatus(url, id)).body).toMatchObject({ status: 'reserved' });
    await expectNothing();
  });

  it('refuses bad, expired and terminated worker ids', async () => {
    const { url, upload, expectNothing } = await start({ env: { WORKER_ID_TTL_SECONDS: '1' } });
    const terminated = await reserve(url);
    await modify(url, terminated, 'terminated');
    const expired = await reserve(url);
    await sleep(1_050);
    for (const id of [terminated, expired, 'x', crypto.randomUUID(), crypto.randomUUID().toUpperCase()]) {
      expectProblem(await upload(id, 'a.txt'), 400, 'bad_worker_id');
      expectProblem(await upload(id, '', form(['file', 'a.txt', 'words'])), 400, 'bad_worker_id');
    }
    expect((await workerStatus(url, expired)).body).toMatchObject({ status: 'expired' });
    await expectNothing();
  });

  it('stores one of many small files that come with one worker id at once', async () => {
    const { url, upload, dataDir } = await start();
    const id = await reserve(url);
    const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => upload(id, `${i}.txt`)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const answer of answers) if (answer.status !== 200) expectProblem(answer, 400, 'bad_worker_id');
    const stored = answers.find(({ status }) => status === 200)?.body['filename'];
    expect(await uploadsOn(dataDir)).toEqual({ files: [stored], partial: [] });
  });
});

describe('an upload on its way', () => {
  const total = 64 * MIB;
  const holdAt = 4 * MIB;
  const slotsLeft = async (url: string) => (await ask(`${url}/new_job`)).headers.get('ratelimit');

  it.each(['raw', 'multipart'])(
    'that is %s stands still while it is paused, byte for byte and in memory, and is whole in the end',
    async (kind) => {
      const { url, dataDir } = await start();
      const other = await startJobApi({ dataDir });
      const id = await reserve(url);
      const sending =
        kind === 'raw'
          ? push(`${url}/upload/new/${id}?filename=big.txt`, total, { holdAt })
          : pushForm(`${url}/upload/new/${id}`, 'big.txt', total, holdAt);
      await untilBytes(url, id, MIB);
      const paused = await modify(other.url, id, 'paused');
      expect([paused.status, paused.body['status']]).toEqual([200, 'paused']);
      const { body: before } = await workerStatus(url, id);
      sending.goOn();
      // Until the buffers between are full.
      let sent: number;
      do {
        sent = sending.sent();
        await sleep(500);
      } while (sending.sent() !== sent);
      const { arrayBuffers } = process.memoryUsage();
      await sleep(1_500);
      const { body: after } = await workerStatus(other.url, id);
      expect(after).toEqual(before);
      expect(after).toMatchObject({ status: 'paused', bytes_per_second: 0 });
      expect(Number(after['bytes'])).toBeLessThan(total);
      expect(sending.sent() - sent, 'nothing passes').toBe(0);
      expect(process.memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(2 * MIB);
      expect((await modify(url, id, 'running')).body).toMatchObject({ status: 'running' });
      expect(await sending.answer).toMatchObject({
        status: 200,
        body: { status: 'completed', bytes: total },
      });
      expect(await uploadsOn(dataDir)).toEqual({ files: ['big.txt'], partial: [] });
    },
  );

  it('can be controlled when its sender has hardly sent anything, and completes only once it is resumed', async () => {
    const { url, dataDir } = await start();
    const id = await reserve(url);
    const sending = push(`${url}/upload/new/${id}?filename=slow.txt`, 1_000, { holdAt: 10 });
    await untilStatus(url, id, 'running');
    expect((await modify(url, id, 'paused')).body).toMatchObject({ status: 'paused', bytes: 10 });
    sending.goOn();
    await sleep(500);
    expect((await workerStatus(url, id)).body).toMatchObject({ status: 'paused', bytes: 10 });
    expect((await uploadsOn(dataDir)).files).toEqual([]);
    await modify(url, id, 'running');
    expect(await sending.answer).toMatchObject({ status: 200, body: { status: 'completed', bytes: 1_000 } });
  });

  it('whose id was used by a faster one is refused while its sender is silent', async () => {
    const { url, upload, dataDir } = await start();
    const id = await reserve(url);
    const slow = push(`${url}/upload/new/${id}?filename=slow.txt`, 1_000, { holdAt: 10 });
    await sleep(50);
    expect((await upload(id, 'fast.txt')).status).toBe(200);
    expectProblem(await slow.answer, 400, 'bad_worker_id');
    expect(await uploadsOn(dataDir)).toEqual({ files: ['fast.txt'], partial: [] });
  });

  it.each(['running', 'paused'])('leaves nothing when it is terminated while it is %s', async (state) => {
    const { url, expectNothing } = await start();
    const id = await reserve(url);
    const sending = push(`${url}/upload/new/${id}?filename=big.txt`, total, { holdAt });
    await untilBytes(url, id, MIB);
    if (state === 'paused') await modify(url, id, 'paused');
    sending.goOn();
    expect((await modify(url, id, 'terminated')).body).toMatchObject({ status: 'terminated' });
    expect(await sending.answer).toMatchObject({
      status: 200,
      body: { status: 'terminated', worker_id: id },
    });
    await expectNothing();
    expect((await modify(url, id, 'terminated')).status).toBe(200);
    const resumed = await modify(url, id, 'running');
    expectProblem(resumed, 400, 'bad_worker_move');
    expect(resumed.body).toMatchObject({ current_status: 'terminated', allowed: [] });
    expect(await slotsLeft(url)).toBe('"slots";r=3');
  });

  it('leaves nothing when its client goes away', async () => {
    const { url, expectNothing } = await start();
    const id = await reserve(url);
    const sending = push(`${url}/upload/new/${id}?filename=big.txt`, total, { holdAt });
    await untilBytes(url, id, MIB);
    sending.request.destroy();
    await untilStatus(url, id, 'failed');
    await expectNothing();
    expect(await slotsLeft(url)).toBe('"slots";r=3');
  });

  it.each(['running', 'terminated', 'nothing'])(
    'whose client went away during a pause gives its slot back when it is asked for %s',
    async (command) => {
      const times = { transferLimits: { idleMs: 3_000, pausedMs: 800 } };
      const { url, expectNothing } = await start({ times });
      const id = await reserve(url);
      const sending = push(`${url}/upload/new/${id}?filename=big.txt`, total, { holdAt });
      await untilBytes(url, id, MIB);
      await modify(url, id, 'paused');
      sending.goOn();
      await sleep(100);
      sending.request.destroy();
      if (command !== 'nothing') await modify(url, id, command);
      await untilStatus(url, id, command === 'terminated' ? 'terminated' : 'failed');
      await expectNothing();
      expect(await slotsLeft(url)).toBe('"slots";r=3');
    },
  );

  it('that turns out too large is refused and leaves nothing', async () => {
    const { url, expectNothing } = await start({ env: { MAX_UPLOAD_BYTES: String(MIB) } });
    const id = await reserve(url);
    expectProblem(await pushForm(`${url}/upload/new/${id}`, 'big.txt', 2 * MIB).answer, 413);
    await expectNothing();
    await untilStatus(url, id, 'failed');
    expect(await slotsLeft(url)).toBe('"slots";r=3');
  });

  it('is cut when its client falls silent, and not while it is paused', async () => {
    const { url, expectNothing } = await start({ times: { transferLimits: { idleMs: 3_000 } } });
    const patient = await reserve(url);
    const paused = push(`${url}/upload/new/${patient}?filename=a.txt`, total, { holdAt });
    await untilBytes(url, patient, 1);
    await modify(url, patient, 'paused');
    // Silent for longer than the other when that is cut.
    const silent = await reserve(url);
    const sleeping = push(`${url}/upload/new/${silent}?filename=b.txt`, total, { holdAt });
    expectProblem(await sleeping.answer, 408);
    expect((await workerStatus(url, patient)).body).toMatchObject({ status: 'paused' });
    expect((await modify(url, patient, 'terminated')).status).toBe(200);
    expect((await paused.answer).body).toMatchObject({ status: 'terminated' });
    await expectNothing();
  });

  it.each(['raw', 'multipart'])(
    'that is %s ends with 503 when the service stops while it is paused, and is finished when it moves',
    async (kind) => {
      const { url, stop, dataDir } = await start();
      const begin = (id: string, name: string) =>
        kind === 'raw'
          ? push(`${url}/upload/new/${id}?filename=${name}`, 16 * MIB, { holdAt })
          : pushForm(`${url}/upload/new/${id}`, name, 16 * MIB, holdAt);
      const [still, moving] = [await reserve(url), await reserve(url)];
      const waiting = begin(still, 'a.txt');
      const going = begin(moving, 'b.txt');
      await untilBytes(url, still, MIB);
      await untilBytes(url, moving, MIB);
      await modify(url, still, 'paused');
      waiting.goOn();
      const stopped = stop();
      await sleep(200);
      going.goOn();
      expect(await going.answer).toMatchObject({ status: 200, body: { status: 'completed' } });
      expectProblem(await waiting.answer, 503, 'shutting_down');
      expect(await stopped).toBe(true);
      expect(await uploadsOn(dataDir)).toEqual({ files: ['b.txt'], partial: [] });
    },
  );
});

/** The same as a form whose one file has `total` bytes. */
function pushForm(url: string, filename: string, total: number, holdAt = total): ReturnType<typeof push> {
  const head = `--b\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\n\r\n`;
  const foot = '\r\n--b--\r\n';
  return push(url, total, {
    holdAt,
    head,
    foot,
    headers: {
      'content-type': 'multipart/form-data; boundary=b',
      'content-length': head.length + total + foot.length,
    },
  });
}
