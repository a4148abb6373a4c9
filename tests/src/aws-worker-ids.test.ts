import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createAwsSystem } from '../support/aws-system.ts';
import { modifyWorker, pollWorker, requestJson, reserveWorker } from '../support/worker-client.ts';

const MIB = 1 << 20;
const SIZE = 24 * MIB;
const content = Buffer.alloc(SIZE, 'slowly but surely, or not at all\n');

/** In this very process, so that a test which is held up holds up its transfers too. */
const CHUNK = 64 * 1024;
const CHUNK_MS = 20;

async function* slowly(content: Buffer): AsyncGenerator<Buffer> {
  for (let start = 0; start < content.length; start += CHUNK) {
    yield content.subarray(start, start + CHUNK);
    await sleep(CHUNK_MS);
  }
}

function upload(url: string, id: string): Promise<Response> {
  return fetch(`${url}/upload/new/${id}?filename=big.txt`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: ReadableStream.from(slowly(content)),
    duplex: 'half',
  });
}

async function download(url: string, id: string): Promise<Buffer> {
  const request = httpRequest(`${url}/download/new/${id}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });
  request.end('{"filename":"big.txt"}');
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) {
    chunks.push(chunk);
    await sleep((CHUNK_MS * chunk.length) / CHUNK);
  }
  return Buffer.concat(chunks);
}

/** Two Job APIs on one bucket that share three slots, and what else `services` names. */
async function start() {
  const { system, env: aws } = await createAwsSystem();
  const options = { env: { ...aws, MAX_CONCURRENT_JOBS: '3' } };
  const [one, other] = await Promise.all([
    system.start('job-api', options),
    system.start('job-api', options),
  ]);
  return { system, options, one, other };
}

/** Pauses the transfer, sees its bytes stand still, and has it go on. */
async function pauseFor(url: string, id: string): Promise<void> {
  await pollWorker(url, id, ({ bytes }) => Number(bytes) > MIB);
  expect((await modifyWorker(url, id, 'paused')).body).toMatchObject({ status: 'paused' });
  const { body: before } = await requestJson(`${url}/status/${id}`);
  await sleep(1_500);
  expect((await requestJson(`${url}/status/${id}`)).body).toEqual(before);
  const { status, body } = await modifyWorker(url, id, 'running');
  expect(status).toBe(200);
  expect(['running', 'completed']).toContain(body['status']);
}

it('on a bucket no more slots are given out than there are, whichever instance is asked', async () => {
  const { one, other } = await start();
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, i) => requestJson(`${i % 2 === 0 ? one.url : other.url}/new_job`)),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
  expect(answers.filter(({ status }) => status === 503)).toHaveLength(97);
}, 60_000);

it('on a bucket uploads and downloads are paused and resumed through another instance, and arrive whole', async () => {
  const { system, options, one, other } = await start();
  const id = await reserveWorker(one.url);
  const sent = upload(other.url, id);
  await pauseFor(one.url, id);
  expect(await (await sent).json()).toMatchObject({ status: 'completed', bytes: SIZE });
  const downloadApi = await system.start('download-api', options);
  const file = await fetch(`${downloadApi.url}/download/big.txt`);
  expect(Buffer.from(await file.arrayBuffer()).equals(content)).toBe(true);

  const second = await reserveWorker(other.url);
  const received = download(other.url, second);
  await pauseFor(one.url, second);
  expect((await received).equals(content)).toBe(true);
  await pollWorker(one.url, second, ({ status }) => status === 'completed');
}, 90_000);

it('on a bucket an upload whose server is killed fails and gives its slot back', async () => {
  const { one, other } = await start();
  const id = await reserveWorker(one.url);
  const broken = upload(other.url, id).catch(() => undefined);
  await pollWorker(one.url, id, ({ bytes }) => Number(bytes) > MIB);
  await other.kill();
  await broken;
  await pollWorker(one.url, id, ({ status }) => status === 'failed');
  const ids = await Promise.all(Array.from({ length: 3 }, () => reserveWorker(one.url)));
  expect(new Set(ids).size).toBe(3);
}, 90_000);

it('on a bucket a digit job of a worker id is paused, resumed and ended while its request waits', async () => {
  const { system, options, one, other } = await start();
  await system.start('pi-calculator', options);
  const id = await reserveWorker(one.url);
  const answer = requestJson(`${one.url}/job/new/${id}`, { json: { num: 20_000_000 } });
  await pollWorker(other.url, id, ({ status }) => status === 'running');
  expect((await modifyWorker(other.url, id, 'paused')).status).toBe(200);
  await pollWorker(one.url, id, ({ status }) => status === 'paused');
  expect((await modifyWorker(one.url, id, 'running')).status).toBe(200);
  await pollWorker(other.url, id, ({ status }) => status === 'running');
  expect((await modifyWorker(other.url, id, 'terminated')).status).toBe(200);
  expect(await answer).toMatchObject({ status: 200, body: { status: 'terminated', worker_id: id } });

  const last = await reserveWorker(other.url);
  const done = await requestJson(`${other.url}/job/new/${last}`, { json: { num: 1_000 } });
  expect(done).toMatchObject({
    status: 200,
    body: { status: 'completed', progress: { digits_written: 1_000 } },
  });
}, 90_000);
