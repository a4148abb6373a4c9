import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { FileMessageQueue, FileObjectStore } from '@pi-jobs/core';
import { expect, it, onTestFinished } from 'vitest';
import type { ImageFacts } from './image-job.ts';
import { ImageJobs } from './image-jobs.ts';
import { type ImageClaim, ImageWork, MAX_ATTEMPTS } from './image-work.ts';

const facts: ImageFacts = { contentType: 'image/png', bytes: 5, width: 3, height: 2, frames: null };

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function setUp() {
  const folder = await mkdtemp(join(tmpdir(), 'image-jobs-'));
  const store = await FileObjectStore.open(folder);
  onTestFinished(async () => {
    store.close();
    await rm(folder, { recursive: true });
  });
  const queue = await FileMessageQueue.open(folder);
  const jobs = new ImageJobs(store, queue);
  const create = async () => (await jobs.create({ image: bytes('image'), facts, operations: null })).job.id;
  return { folder, store, queue, jobs, work: new ImageWork(store), create };
}

async function mustBegin(work: ImageWork, id: string): Promise<ImageClaim> {
  const claim = await work.begin(id);
  if (claim === undefined) throw new Error('nothing to begin');
  return claim;
}

it('a job goes from its record to its result, and a message that comes again finds nothing to do', async () => {
  const { folder, queue, jobs, work, create } = await setUp();
  const id = await create();
  const message = await queue.receive({ visibilitySeconds: 5 });
  expect(JSON.parse(message?.body ?? '')).toEqual({ version: 1, kind: 'image', job_id: id });
  const claim = await mustBegin(work, id);
  const copy = `${folder}/copy`;
  expect(await claim.copyInputTo(copy, new AbortController().signal)).toBe(true);
  expect(await readFile(copy, 'utf8')).toBe('image');
  expect(await claim.complete(bytes('small'), { ...facts, width: 1 })).toBe(true);
  const job = await jobs.get(id);
  expect(job).toMatchObject({ state: 'completed', output: { width: 1 }, attempts: 1 });
  const output = job && (await jobs.openOutput(job));
  expect(output && String(await buffer(output.read({ start: 0, end: output.object.size })))).toBe('small');
  expect(await work.begin(id)).toBeUndefined();
});

it('of two workers with one job the last to begin has it', async () => {
  const { jobs, work, create } = await setUp();
  const id = await create();
  const first = await mustBegin(work, id);
  const second = await mustBegin(work, id);
  expect([await first.isMine(), await second.isMine()]).toEqual([false, true]);
  expect(await first.fail('I was late')).toBe(false);
  expect(await second.complete(bytes('small'), facts)).toBe(true);
  expect(await first.complete(bytes('small'), facts)).toBe(false);
  expect(await jobs.get(id)).toMatchObject({ state: 'completed', error: null });
});

it('a job whose workers die is given up, one that is given back for no fault of its own is not', async () => {
  const { jobs, work, create } = await setUp();
  const poison = await create();
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) await mustBegin(work, poison);
  expect(await work.begin(poison)).toBeUndefined();
  expect(await jobs.get(poison)).toMatchObject({ state: 'failed', error: expect.stringMatching(/given up/) });
  const patient = await create();
  for (let turn = 0; turn < MAX_ATTEMPTS + 2; turn += 1) {
    await (await mustBegin(work, patient)).giveBack({ isAttempt: false });
  }
  expect(await jobs.get(patient)).toMatchObject({ state: 'queued', attempts: 0 });
});

it('a job that a client ended stays ended, whatever its worker says', async () => {
  const { jobs, work, create } = await setUp();
  const id = await create();
  const claim = await mustBegin(work, id);
  expect((await jobs.terminate(id))?.state).toBe('terminated');
  expect(await claim.isMine()).toBe(false);
  expect(await claim.complete(bytes('small'), facts)).toBe(false);
  expect(await claim.giveBack({ isAttempt: true })).toBe(false);
  const job = await jobs.get(id);
  expect(job?.state).toBe('terminated');
  expect(job && (await jobs.openOutput(job))).toBeUndefined();
});

it('a job whose message cannot be sent, or whose image breaks off, is on record as failed', async () => {
  const { store, jobs } = await setUp();
  const failure = new Error('the queue is gone');
  const queueless = new ImageJobs(store, { send: () => Promise.reject(failure) });
  const refused = await queueless.create({ image: bytes('image'), facts, operations: null });
  expect(refused.failure).toBe(failure);
  const broken = (async function* () {
    yield Buffer.from('half');
    throw failure;
  })();
  const cut = await jobs.create({ image: broken, facts, operations: null });
  for (const { job } of [refused, cut]) {
    expect(await jobs.get(job.id)).toMatchObject({ state: 'failed', error: 'the job could not be queued' });
  }
});

it('a record that cannot be read is an error and no absence', async () => {
  const { store, jobs, create } = await setUp();
  const id = await create();
  await store.put(`jobs/${id}`, Buffer.from('{"kind":"image","state":"asleep"}'));
  await expect(jobs.get(id)).rejects.toThrow();
  await store.put(`jobs/${id}`, Buffer.from('{"kind":"im'));
  await expect(jobs.get(id)).rejects.toThrow();
});

it('requests with one key are one job, told of as it was made, and another request may not have the key', async () => {
  const { store, queue, jobs, work } = await setUp();
  const post = (fingerprint = 'a', key = 'key') =>
    jobs.create({ image: bytes('image'), facts, operations: null, idempotency: { key, fingerprint } });
  const { job } = await post();
  const again = new ImageJobs(store, queue);
  expect((await again.create({ image: bytes('image'), facts, operations: null })).job.id).not.toBe(job.id);
  const claim = await mustBegin(work, job.id);
  await claim.complete(bytes('small'), facts);
  expect((await post()).job).toEqual({ ...job, messageAt: expect.any(String) });
  await expect(post('b')).rejects.toMatchObject({ kind: 'mismatch' });
  expect((await post('b', 'other key')).job.id).not.toBe(job.id);
});

it('a request whose first try is not answered yet is told so, and carried on from where that died', async () => {
  const { store, queue, jobs } = await setUp();
  const idempotency = { key: 'key', fingerprint: 'a' };
  const post = () => jobs.create({ image: bytes('image'), facts, operations: null, idempotency });
  const started = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const slow = (async function* () {
    started.resolve();
    yield Buffer.from('image');
    await ended.promise;
    throw new Error('the sender is gone');
  })();
  const first = jobs.create({ image: slow, facts, operations: null, idempotency });
  await started.promise;
  await expect(post()).rejects.toMatchObject({ kind: 'in-flight' });
  const [record] = (await store.list('jobs/')).objects;
  const id = record?.key.slice('jobs/'.length) ?? '';
  const createdAt = new Date(Date.now() - 60_000).toISOString();
  await store.put(`jobs/${id}`, Buffer.from(JSON.stringify({ ...(await jobs.get(id)), createdAt })));
  expect((await post()).job.id).toBe(id);
  expect(await store.stat(`input/${id}`)).toBeDefined();
  expect((await queue.receive({ visibilitySeconds: 5 }))?.body).toContain(id);
  // Its file must not be left to the garbage collector, which ends the process for it.
  ended.resolve();
  await Promise.allSettled([first]);
});

it('a record that cannot be read keeps no other job from the list', async () => {
  const { store, jobs, create } = await setUp();
  const id = await create();
  await store.put(`jobs/${await create()}`, Buffer.from('{"kind":"image","version":2}\n'));
  expect((await jobs.list({ limit: 10 })).jobs.map((job) => job.id)).toEqual([id]);
});
