import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { createAwsSystem } from '../support/aws-system.ts';

/** Of more than one part; the head of a picture, so that any bytes may follow. */
const content = Buffer.from(
  new Uint8Array(Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), randomBytes(10_000_000)])).buffer,
);

/** On a busy machine processes take their time to start. */
const TIMEOUT_MS = 120_000;

const bytesOf = async (answer: Response): Promise<Buffer> => Buffer.from(await answer.arrayBuffer());

it('any instance has every file, and exactly one of them lets a name be taken', {
  timeout: TIMEOUT_MS,
}, async () => {
  const { system, env } = await createAwsSystem();
  const [first, second] = await Promise.all([
    system.start('download-api', { env }),
    system.start('download-api', { env }),
  ]);
  const stored = await fetch(`${first.url}/upload/big.png`, { method: 'POST', body: content });
  expect(stored.status).toBe(201);
  const { headers } = await fetch(`${second.url}/download/big.png`, { method: 'HEAD' });
  expect([headers.get('etag'), headers.get('content-length')]).toEqual([
    stored.headers.get('etag'),
    String(content.length),
  ]);
  expect((await bytesOf(await fetch(`${second.url}/download/big.png`))).equals(content)).toBe(true);
  const part = await fetch(`${second.url}/download/big.png`, {
    headers: { Range: 'bytes=8388600-8388620' },
  });
  expect([part.status, (await bytesOf(part)).equals(content.subarray(8388600, 8388621))]).toEqual([
    206,
    true,
  ]);

  const race = await Promise.all(
    Array.from({ length: 10 }, (_, n) =>
      fetch(`${n % 2 === 0 ? first.url : second.url}/upload/race.txt`, { method: 'POST', body: `from ${n}` }),
    ),
  );
  expect(race.map(({ status }) => status).sort()).toEqual([201, ...Array(9).fill(409)]);
  expect((await fetch(`${second.url}/download/race.txt`, { method: 'DELETE' })).status).toBe(204);
  expect(await (await fetch(`${first.url}/download`)).json()).toMatchObject([{ filename: 'big.png' }]);
});

it('a resumable upload goes on at another instance when its own is killed', {
  timeout: TIMEOUT_MS,
}, async () => {
  const { system, env } = await createAwsSystem();
  const first = await system.start('download-api', { env });
  const second = await system.start('download-api', { env });
  const tus = { 'Tus-Resumable': '1.0.0' };
  const created = await fetch(`${first.url}/files`, {
    method: 'POST',
    headers: {
      ...tus,
      'Upload-Length': String(content.length),
      'Upload-Metadata': `filename ${Buffer.from('resumed.png').toString('base64')}`,
    },
  });
  expect(created.status).toBe(201);
  const location = created.headers.get('location') ?? '';
  const patch = (url: string, from: number, to: number) =>
    fetch(url + location, {
      method: 'PATCH',
      headers: {
        ...tus,
        'Upload-Offset': String(from),
        'Content-Type': 'application/offset+octet-stream',
      },
      body: content.subarray(from, to),
    });
  expect((await patch(first.url, 0, 3_000_000)).status).toBe(204);
  await first.kill();
  const head = await fetch(second.url + location, { method: 'HEAD', headers: tus });
  expect(head.headers.get('upload-offset')).toBe('3000000');
  expect((await patch(second.url, 3_000_000, content.length)).status).toBe(204);
  expect((await bytesOf(await fetch(`${second.url}/download/resumed.png`))).equals(content)).toBe(true);
});
