import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { residentBytes } from '../support/resident-memory.ts';
import { System } from '../support/system.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { modifyWorker, pollWorker, requestJson, reserveWorker } from '../support/worker-client.ts';

const MIB = 1 << 20;
const SIZE = 24 * MIB;
const environment = { env: { MAX_CONCURRENT_JOBS: '4' } };

/** Runs curl and resolves with what it wrote to standard output. */
function curl(...args: readonly string[]): Promise<string> {
  const child = spawn('curl', ['--silent', '--show-error', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return once(child, 'close').then(() => text);
}

/** Two instances on one volume, and a file of some size. */
async function start() {
  const system = await System.create();
  const [one, other] = await Promise.all([
    system.start('job-api', environment),
    system.start('job-api', environment),
  ]);
  const folder = await temporaryFolder();
  const content = Buffer.alloc(SIZE, 'slowly but surely, or not at all\n');
  await writeFile(`${folder}/big.txt`, content);
  return { system, one, other, folder, content };
}

it('an upload by curl is paused for seconds, resumed through another instance, and arrives whole', async () => {
  const { system, one, other, folder, content } = await start();
  const id = await reserveWorker(one.url);
  const answer = curl(
    '--limit-rate',
    '8m',
    '--header',
    'Content-Type: text/plain',
    '--data-binary',
    `@${folder}/big.txt`,
    `${other.url}/upload/new/${id}?filename=big.txt`,
  );
  await pollWorker(one.url, id, ({ bytes }) => Number(bytes) > MIB);
  expect((await modifyWorker(one.url, id, 'paused')).body).toMatchObject({ status: 'paused' });
  const { body: before } = await requestJson(`${one.url}/status/${id}`);
  await sleep(500);
  const memory = residentBytes(other.child.pid ?? 0);
  await sleep(3_000);
  expect((await requestJson(`${one.url}/status/${id}`)).body).toEqual(before);
  expect(before).toMatchObject({ bytes: expect.any(Number), total: SIZE });
  expect(residentBytes(other.child.pid ?? 0) - memory, 'no buffer grows').toBeLessThan(4 * MIB);
  expect((await modifyWorker(one.url, id, 'running')).body).toMatchObject({ status: 'running' });
  expect(JSON.parse(await answer)).toMatchObject({ status: 'completed', bytes: SIZE });
  expect((await readFile(`${system.dataDir}/files/big.txt`)).equals(content)).toBe(true);
  expect(await readdir(`${system.dataDir}/files.partial`)).toEqual([]);
}, 60_000);

it('a download by curl is paused for seconds, resumed through another instance, and arrives whole', async () => {
  const { system, one, other, folder, content } = await start();
  await writeFile(`${system.dataDir}/files/big.txt`, content);
  const id = await reserveWorker(one.url);
  const output = `${folder}/received.txt`;
  const received = async () => (await stat(output).catch(() => undefined))?.size ?? 0;
  const done = curl(
    '--limit-rate',
    '8m',
    '--output',
    output,
    '--json',
    '{"filename":"big.txt"}',
    `${other.url}/download/new/${id}`,
  );
  await pollWorker(one.url, id, ({ bytes }) => Number(bytes) > MIB);
  expect((await modifyWorker(one.url, id, 'paused')).body).toMatchObject({ status: 'paused' });
  const { body: before } = await requestJson(`${one.url}/status/${id}`);
  await sleep(3_000);
  expect((await requestJson(`${one.url}/status/${id}`)).body).toEqual(before);
  expect(await received()).toBeLessThan(SIZE);
  expect((await modifyWorker(one.url, id, 'running')).body).toMatchObject({ status: 'running' });
  await done;
  expect((await readFile(output)).equals(content)).toBe(true);
  await pollWorker(one.url, id, ({ status }) => status === 'completed');
}, 60_000);

it('an upload whose server is killed fails, gives its slot back and shows no file', async () => {
  const { system, one, other, folder } = await start();
  const id = await reserveWorker(one.url);
  const answer = curl(
    '--data-binary',
    `@${folder}/big.txt`,
    '--limit-rate',
    '4m',
    `${other.url}/upload/new/${id}?filename=big.txt`,
  ).catch(() => '');
  await pollWorker(one.url, id, ({ bytes }) => Number(bytes) > MIB);
  await other.kill();
  await answer;
  const { error } = await pollWorker(one.url, id, ({ status }) => status === 'failed');
  expect(error).toEqual(expect.any(String));
  expect(await readdir(`${system.dataDir}/files`)).toEqual([]);
  const ids = await Promise.all(Array.from({ length: 4 }, () => reserveWorker(one.url)));
  expect(new Set(ids).size).toBe(4);
}, 60_000);

it('200 requests for a slot at once, to two instances, are given no more slots than there are', async () => {
  const { one, other } = await start();
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, i) => requestJson(`${i % 2 === 0 ? one.url : other.url}/new_job`)),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(4);
  expect(answers.filter(({ status }) => status === 503)).toHaveLength(196);
}, 60_000);
