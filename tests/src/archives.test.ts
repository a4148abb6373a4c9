import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { System } from '../support/system.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { resultText } from '../support/true-digits.ts';
import { unzip } from '../support/unzip.ts';

const ZIPS = 'zips';

/** A volume with finished jobs of these lengths, written by hand. */
async function createResults(...nums: readonly number[]): Promise<System> {
  const folder = await temporaryFolder();
  await writeFile(`${folder}/jobs.txt`, nums.map((num, index) => `${index + 1}, ${num}\n`).join(''));
  for (const [index, num] of nums.entries()) {
    // Long ones repeat themselves: an archive takes its time, whatever the digits are.
    const text =
      num <= 100_000
        ? resultText(num)
        : `3.${resultText(100_001)
            .slice(2)
            .repeat(num / 100_000)
            .slice(0, num - 1)}`;
    await writeFile(`${folder}/${index + 1}.${num}.txt`, text);
  }
  return System.create(folder);
}

const download = async (url: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') => {
  const response = await fetch(url, { headers, method });
  return {
    status: response.status,
    headers: response.headers,
    body: Buffer.from(await response.arrayBuffer()),
  };
};

it('an archive is the same bytes at every download and after a restart, also when it is made again', async () => {
  const system = await createResults(5_000);
  const first = await system.start('download-api');
  const one = await download(`${first.url}/download/1`);
  const two = await download(`${first.url}/download/1`);
  expect(two.body.equals(one.body)).toBe(true);
  await first.stop();
  const second = await system.start('download-api');
  const three = await download(`${second.url}/download/1`);
  expect(three.body.equals(one.body)).toBe(true);
  expect(three.headers.get('etag')).toBe(one.headers.get('etag'));

  const other = await createResults(5_000);
  const third = await other.start('download-api');
  expect((await download(`${third.url}/download/1`)).body.equals(one.body)).toBe(true);
  const digest = createHash('sha256').update(one.body).digest('base64');
  expect(one.headers.get('repr-digest')).toBe(`sha-256=:${digest}:`);
  expect(one.headers.get('content-type')).toBe('application/zip');
});

it('an archive is had in parts, by condition, and by its head alone', async () => {
  const system = await createResults(5_000);
  const { url } = await system.start('download-api');
  const path = `${url}/download/1`;
  const whole = await download(path);
  const etag = whole.headers.get('etag') ?? '';
  const size = whole.body.length;
  expect(whole.headers.get('accept-ranges')).toBe('bytes');

  const head = await download(path, {}, 'HEAD');
  expect(head).toMatchObject({ status: 200, body: Buffer.alloc(0) });
  expect(head.headers.get('content-length')).toBe(String(size));
  expect(head.headers.get('etag')).toBe(etag);

  const parts: readonly (readonly [string, number, number])[] = [
    ['bytes=0-0', 0, 1],
    ['bytes=0-99', 0, 100],
    ['bytes=100-199', 100, 200],
    ['bytes=-50', size - 50, size],
    [`bytes=${size - 1}-`, size - 1, size],
    [`bytes=10-${size * 2}`, 10, size],
    [`bytes=-${size * 2}`, 0, size],
  ];
  for (const [range, start, end] of parts) {
    const part = await download(path, { range });
    expect(part.status, range).toBe(206);
    expect(part.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/${size}`);
    expect(part.body.equals(whole.body.subarray(start, end)), range).toBe(true);
  }
  const beyond = await download(path, { range: `bytes=${size}-` });
  expect(beyond.status).toBe(416);
  expect(beyond.headers.get('content-range')).toBe(`bytes */${size}`);
  expect(JSON.parse(beyond.body.toString())).toMatchObject({ success: false, code: 'range_not_satisfiable' });
  for (const range of ['bytes=', 'bytes=a-b', 'bytes=5-2', 'lines=1-2', 'bytes 0-1']) {
    const ignored = await download(path, { range });
    expect([200, 416], range).toContain(ignored.status);
    if (ignored.status === 200) expect(ignored.body.equals(whole.body), range).toBe(true);
  }

  const several = await download(path, { range: 'bytes=0-9,20-29' });
  expect(several.status).toBe(206);
  expect(several.headers.get('content-type')).toMatch(/^multipart\/byteranges; *boundary=/);
  for (const [start, end] of [
    [0, 10],
    [20, 30],
  ] as const) {
    expect(several.body.includes(whole.body.subarray(start, end))).toBe(true);
    expect(several.body.toString('latin1')).toContain(`bytes ${start}-${end - 1}/${size}`);
  }

  expect(await download(path, { 'if-none-match': etag })).toMatchObject({
    status: 304,
    body: Buffer.alloc(0),
  });
  expect(await download(path, { 'if-none-match': '*' })).toMatchObject({ status: 304 });
  expect(await download(path, { 'if-none-match': `"other", W/${etag}` })).toMatchObject({ status: 304 });
  expect(await download(path, { 'if-none-match': '"other"' })).toMatchObject({ status: 200 });
  expect(await download(path, { 'if-match': etag })).toMatchObject({ status: 200 });
  expect(await download(path, { 'if-match': '"other"' })).toMatchObject({ status: 412 });
  expect(await download(path, { range: 'bytes=0-9', 'if-range': etag })).toMatchObject({ status: 206 });
  expect(await download(path, { range: 'bytes=0-9', 'if-range': '"other"' })).toMatchObject({ status: 200 });
});

it('an archive is made once for ten that ask at once', async () => {
  const system = await createResults(5_000_000);
  const { url } = await system.start('download-api');
  const all = await Promise.all(Array.from({ length: 10 }, () => download(`${url}/download/1`)));
  for (const one of all) {
    expect(one.status).toBe(200);
    expect(one.body.equals(all[0]?.body ?? one.body)).toBe(true);
  }
  expect((await readdir(`${system.dataDir}/${ZIPS}`)).filter((name) => name.endsWith('.zip'))).toHaveLength(
    1,
  );
  const entries = await unzip(all[0]?.body ?? Buffer.alloc(0));
  const text = await readFile(`${system.dataDir}/1.5000000.txt`);
  expect(entries.get('digits_of_pi_1.txt')?.equals(text)).toBe(true);
}, 60_000);

it('an archive whose only client goes away while it is made leaves nothing behind, and the next client gets it whole', async () => {
  const system = await createResults(30_000_000);
  const { url } = await system.start('download-api');
  const folder = `${system.dataDir}/${ZIPS}`;
  const request = get(`${url}/download/1`);
  request.on('error', () => undefined);
  while ((await readdir(folder).catch(() => [])).length === 0) await sleep(1);
  request.destroy();
  for (const until = Date.now() + 5_000; (await readdir(folder)).length > 0 && Date.now() < until; )
    await sleep(10);
  expect(await readdir(folder)).toEqual([]);

  const whole = await download(`${url}/download/1`);
  expect(whole.status).toBe(200);
  expect((await readdir(folder)).filter((name) => !/^1\.30000000\.zip(\.json)?$/.test(name))).toEqual([]);
}, 60_000);

it('what a process that was killed an hour ago left of an archive goes before the next one is made', async () => {
  const system = await createResults(50);
  const folder = `${system.dataDir}/${ZIPS}`;
  const stray = `${folder}/1.50.zip.00000000-0000-4000-8000-000000000000`;
  await mkdir(folder);
  for (const path of [stray, `${stray}.json`, `${folder}/9.9.zip`]) {
    await writeFile(path, 'x');
    await utimes(path, 0, 0);
  }
  const { url } = await system.start('download-api');
  expect((await download(`${url}/download/1`)).status).toBe(200);
  expect((await readdir(folder)).sort()).toEqual(['1.50.zip', '1.50.zip.json', '9.9.zip']);
});

it('a job that is not complete has no archive yet: 409 with Retry-After; one that does not exist: 404', async () => {
  const folder = await temporaryFolder();
  await writeFile(`${folder}/jobs.txt`, '1, 50\n');
  const system = await System.create(folder);
  const { url } = await system.start('download-api');
  const early = await download(`${url}/download/1`);
  expect(early.status).toBe(409);
  expect(early.headers.get('retry-after')).toMatch(/^\d+$/);
  for (const id of [
    '0',
    '2',
    '01',
    '999999999999999999999',
    '1%00',
    '%D9%A1',
    '1.0',
    '1e0',
    '..%2f1.50.txt',
    '%2e%2e%2fjobs.txt',
    '-1',
    '+1',
  ]) {
    const answer = await download(`${url}/download/${id}`);
    expect([400, 404], id).toContain(answer.status);
    expect(JSON.parse(answer.body.toString()), id).toMatchObject({ success: false });
    expect([400, 404], id).toContain((await download(`${url}/digits/${id}`)).status);
  }
});
