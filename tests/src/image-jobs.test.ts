import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ImageJobView } from '@pi-jobs/image-jobs';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { makeHostileImages } from '../../packages/image-engine/src/testing/hostile-images.ts';
import { createAwsSystem } from '../support/aws-system.ts';
import { postImage, waitForImage } from '../support/image-client.ts';
import { residentBytes } from '../support/resident-memory.ts';
import { runInParallel } from '../support/run-in-parallel.ts';
import { System } from '../support/system.ts';

const root = new URL('../../', import.meta.url).pathname;
const photograph = readFileSync(`${root}tests/rainier.jpg`);
const MEGABYTE = 1024 * 1024;
/** Forty images, some of them worked on for seconds, on a machine with other things to do. */
const HOSTILE_TIMEOUT_MS = 180_000;

const STORES = ['file', 'aws'] as const;

const createSystemOn = async (store: (typeof STORES)[number]) =>
  store === 'aws' ? createAwsSystem() : { system: await System.create(), env: {} };

const dimensionsOf = async (bytes: ArrayBuffer) => {
  const { format, width, height } = await sharp(Buffer.from(bytes)).metadata();
  return { format, width, height };
};

it('takes the image of the curl command in the manual, tells how it is doing, and hands out the result', async () => {
  const { jobApi } = await (await System.create()).startAll();
  const command = 'curl -X POST -F "image=@tests/rainier.jpg" http://localhost:5000/jobs';
  const here = command
    .replace('http://localhost:5000', jobApi.url)
    .replace('curl ', 'curl -sS -D /dev/stderr ');
  const answer = JSON.parse(
    execFileSync('sh', ['-c', `${here} 2>/dev/null`], { cwd: root, encoding: 'utf8' }),
  );
  expect(answer).toMatchObject({
    success: true,
    status: 'queued',
    location: `/jobs/${answer.job_id}`,
    input: { content_type: 'image/jpeg', bytes: photograph.length, width: 1600, height: 1200 },
  });

  const done = await waitForImage(jobApi.url, answer.location);
  const location = `${answer.location}/output`;
  expect(done).toMatchObject({ status: 201, location, body: { status: 'completed', location } });
  const status = await fetch(`${jobApi.url}${answer.location}/status`);
  expect(await status.json()).toMatchObject({ status: 'completed', output: { width: 512, height: 384 } });

  const output = await fetch(jobApi.url + location);
  expect([output.status, output.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
  expect(await dimensionsOf(await output.arrayBuffer())).toEqual({ format: 'jpeg', width: 512, height: 384 });
  const etag = output.headers.get('etag') ?? '';
  const again = await fetch(jobApi.url + location, { headers: { 'If-None-Match': etag } });
  expect(again.status).toBe(304);
  const head = await fetch(jobApi.url + location, { method: 'HEAD' });
  expect(head.headers.get('content-length')).toBe(String(done.body.output?.bytes));
});

it('applies the operations in their order, whatever the file calls itself', async () => {
  const { jobApi } = await (await System.create()).startAll();
  const posted = await postImage(jobApi.url, photograph, [
    { op: 'rotate', angle: 90 },
    { op: 'crop', left: 100, top: 50, width: 300, height: 200 },
    { op: 'grayscale' },
    { op: 'format', type: 'webp', quality: 70 },
  ]);
  expect(posted.status).toBe(202);
  const done = await waitForImage(jobApi.url, posted.location ?? '');
  expect(done.body.output).toMatchObject({ content_type: 'image/webp', width: 300, height: 200, frames: 1 });
  const output = await fetch(`${jobApi.url}${posted.location}/output`);
  expect(await dimensionsOf(await output.arrayBuffer())).toEqual({ format: 'webp', width: 300, height: 200 });
});

it('refuses what is no acceptable image, operation or form, each with its code', async () => {
  const jobApi = await (await System.create()).start('job-api', { env: { MAX_UPLOAD_BYTES: '400000' } });
  const text = Buffer.from('no image at all, though it is called one');
  const refusals: readonly (readonly [Buffer, readonly unknown[] | undefined, number, string])[] = [
    [text, undefined, 415, 'image_unsupported'],
    [Buffer.alloc(0), undefined, 400, 'image_damaged'],
    [photograph.subarray(0, 100), undefined, 400, 'image_damaged'],
    [Buffer.concat([photograph, Buffer.alloc(200_000)]), undefined, 413, 'file_too_large'],
    [photograph, [], 400, 'invalid_operations'],
    [photograph, [{ op: 'explode' }], 400, 'invalid_operations'],
    [photograph, [{ op: 'flip', twice: true }], 400, 'invalid_operations'],
    [photograph, Array(21).fill({ op: 'flip' }), 400, 'invalid_operations'],
  ];
  for (const [image, operations, status, code] of refusals) {
    const answer = await postImage(jobApi.url, image, operations);
    expect([answer.status, answer.body['code']], code).toEqual([status, code]);
  }
  for (const [field, code] of [
    ['file', 'no_file'],
    ['picture', 'no_file'],
  ] as const) {
    const form = new FormData();
    form.set(field, new Blob([photograph]), 'a.jpg');
    const answer = await fetch(`${jobApi.url}/jobs`, { method: 'POST', body: form });
    expect(await answer.json()).toMatchObject({ status: 400, code });
  }
  expect(await (await fetch(`${jobApi.url}/jobs`)).json()).toEqual({ jobs: [], next_cursor: null });
});

it.each(STORES)(
  'makes one job of requests with one Idempotency-Key, whatever their forms look like (STORE=%s)',
  async (store) => {
    const { system, env } = await createSystemOn(store);
    const first = await system.start('job-api', { env });
    const post = async (url: string, image: Buffer, name: string, operations?: string) => {
      const form = new FormData();
      if (operations !== undefined) form.set('operations', operations);
      form.set('image', new Blob([new Uint8Array(image)]), name);
      const headers = { 'Idempotency-Key': 'holiday' };
      const answer = await fetch(`${url}/jobs`, { method: 'POST', headers, body: form });
      return { status: answer.status, location: answer.headers.get('location'), body: await answer.json() };
    };
    const made = await post(first.url, photograph, 'a.jpg', '[{"op":"flip"}]');
    expect(made.status).toBe(202);
    await first.stop();
    const { url } = await system.start('job-api', { env });
    expect(await post(url, photograph, 'b.png', '[ { "op": "flip" } ]')).toEqual(made);
    expect(await post(url, photograph, 'a.jpg')).toMatchObject({
      status: 422,
      body: { code: 'idempotency_mismatch' },
    });
    const other = await sharp(photograph).rotate(90).jpeg().toBuffer();
    expect((await post(url, other, 'a.jpg', '[{"op":"flip"}]')).status).toBe(422);
    const list = (await (await fetch(`${url}/jobs`)).json()) as { jobs: unknown[] };
    expect(list.jobs).toHaveLength(1);
  },
);

it('tells of a waiting job where its output will be told of, ends it when asked, and pauses none', async () => {
  const jobApi = await (await System.create()).start('job-api');
  const { location } = await postImage(jobApi.url, photograph);
  const at = `${jobApi.url}${location}`;
  const early = await fetch(`${at}/output`);
  expect(early.status).toBe(404);
  expect(await early.json()).toMatchObject({
    code: 'no_output',
    job_status: 'queued',
    location: `${location}/status`,
  });
  const paused = await fetch(`${at}/pause`, { method: 'POST' });
  expect([paused.status, await paused.json()]).toMatchObject([409, { allowed: ['terminated'] }]);
  for (const _ of [1, 2]) {
    const ended = await fetch(at, { method: 'DELETE' });
    expect([ended.status, await ended.json()]).toMatchObject([200, { status: 'terminated' }]);
  }
  const events = await (await fetch(`${at}/events`)).text();
  expect(events).toContain('event: status');
  for (const unknown of [randomUUID(), '01a2019a-1e32-7f45-b74d-e433e0923707', 'x'.repeat(36)]) {
    for (const end of ['', '/status', '/output', '/events']) {
      expect((await fetch(`${jobApi.url}/jobs/${unknown}${end}`)).status).toBe(404);
    }
  }
});

it('lists jobs of both kinds in the order of their making, page by page', async () => {
  const jobApi = await (await System.create()).start('job-api');
  const ids: unknown[] = [];
  for (const turn of [0, 1, 2, 3, 4, 5, 6]) {
    if (turn % 3 === 1) ids.unshift((await postImage(jobApi.url, photograph)).body.job_id);
    else {
      const answer = await fetch(`${jobApi.url}/jobs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"num":5}',
      });
      ids.unshift(((await answer.json()) as { job_id: number }).job_id);
    }
    await sleep(5);
  }
  for (const limit of [1, 2, 3, 7, 50]) {
    const seen: unknown[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const answer = await fetch(
        `${jobApi.url}/jobs?limit=${limit}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      const page = (await answer.json()) as { jobs: { job_id: unknown }[]; next_cursor: string | null };
      expect(page.jobs.length).toBeLessThanOrEqual(limit);
      seen.push(...page.jobs.map(({ job_id }) => job_id));
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(ids);
  }
  const images = (await (await fetch(`${jobApi.url}/jobs?kind=image`)).json()) as { jobs: ImageJobView[] };
  expect(images.jobs.map(({ job_id }) => job_id)).toEqual(ids.filter((id) => typeof id === 'string'));
});

it('puts a job on record as failed, and says where, when it cannot be queued', async () => {
  const system = await System.create();
  const jobApi = await system.start('job-api');
  await rm(`${system.dataDir}/queue/waiting`, { recursive: true });
  await writeFile(`${system.dataDir}/queue/waiting`, '');
  const refused = await postImage(jobApi.url, photograph);
  expect(refused).toMatchObject({ status: 500, body: { code: 'image_not_queued', job_status: 'failed' } });
  const record = await waitForImage(jobApi.url, refused.location ?? '');
  expect(record).toMatchObject({
    status: 200,
    body: { status: 'failed', error: 'the job could not be queued' },
  });
});

it.each(STORES)(
  'answers every hostile image with a refusal or a failed job, and has its memory back (STORE=%s)',
  async (store) => {
    const all = await makeHostileImages();
    expect(all.length).toBeGreaterThanOrEqual(40);
    // What the engine makes of each is the same on every store.
    const hostile = all.filter((_, index) => store === 'file' || index % 4 === 0);
    const { system, env } = await createSystemOn(store);
    const { jobApi, calculator } = await system.startAll({ env: { MAX_CONCURRENT_JOBS: '2', ...env } });
    const warmUp = await postImage(jobApi.url, photograph);
    await waitForImage(jobApi.url, warmUp.location ?? '');
    const pids = [jobApi.child.pid ?? 0, calculator.child.pid ?? 0];
    const before = pids.map(residentBytes);

    const outcomes: string[] = [];
    await runInParallel(hostile.length, 4, async (index) => {
      const { what, bytes, outcome } = hostile[index] ?? {
        what: '',
        bytes: Buffer.alloc(0),
        outcome: 'valid',
      };
      const posted = await postImage(jobApi.url, bytes);
      const isRefused = [400, 413, 415].includes(posted.status);
      const ended =
        posted.status === 202 ? (await waitForImage(jobApi.url, posted.location ?? '')).body : undefined;
      const isRight =
        outcome === 'valid' ? ended?.status === 'completed' : isRefused || ended?.status === 'failed';
      if (!isRight) outcomes.push(`${what}: ${posted.status} ${JSON.stringify(ended ?? posted.body)}`);
      const said = JSON.stringify(ended ?? posted.body);
      for (const path of [root, system.dataDir, 'node_modules']) expect(said).not.toContain(path);
    });
    expect(outcomes).toEqual([]);

    const isBack = (): boolean =>
      pids.every((pid, index) => residentBytes(pid) - (before[index] ?? 0) < 200 * MEGABYTE);
    const deadline = Date.now() + 10_000;
    while (!isBack() && Date.now() < deadline) await sleep(200);
    expect(isBack(), `${before} before, ${pids.map(residentBytes)} after`).toBe(true);
    const after = await postImage(jobApi.url, photograph);
    expect((await waitForImage(jobApi.url, after.location ?? '')).body.status).toBe('completed');
  },
  HOSTILE_TIMEOUT_MS,
);
