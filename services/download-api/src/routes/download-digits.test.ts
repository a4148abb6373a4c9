import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { crc32, inflateRawSync } from 'node:zlib';
import { FileJobStore, piDigits } from '@pi-jobs/core';
import { describeContent } from '@pi-jobs/http-files/contract-suite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDownloadApi, type TestApi } from '../testing/start-download-api.ts';

const PI =
  '3.141592653589793238462643383279502884197169399375105820974944592307816406286208998628034825342117067';

/** Enough for an archive of some thousand bytes. */
const LARGE = 5_000;

describe('downloading the digits of a job', () => {
  let api: TestApi;
  let zip: Buffer;

  async function get(path: string, headers: Record<string, string> = {}, method = 'GET') {
    const response = await fetch(api.url + path, { method, headers });
    return {
      status: response.status,
      headers: response.headers,
      bytes: Buffer.from(await response.arrayBuffer()),
    };
  }

  beforeAll(async () => {
    api = await startDownloadApi();
    const jobs = new FileJobStore(api.volume);
    await jobs.create({ num: 100, verify: false });
    await jobs.create({ num: 100, verify: false });
    await jobs.create({ num: LARGE, verify: false });
    await jobs.close();
    await writeFile(
      api.volume.layout.digits(3, LARGE),
      [...piDigits().take(LARGE)].join('').replace('3', '3.'),
    );
    await writeFile(api.volume.layout.digits(1, 100), PI);
    const whole = await get('/download/1');
    zip = whole.bytes;
  });

  afterAll(() => api[Symbol.asyncDispose]());

  it('gives an archive of one file, under its name, that a digest vouches for', async () => {
    const { status, headers, bytes } = await get('/download/1');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/zip');
    expect(headers.get('content-disposition')).toBe('attachment; filename="digits_of_pi_1.zip"');
    expect(headers.get('repr-digest')).toBe(
      `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`,
    );
    // Read by hand, by the central directory at its end.
    const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
    expect(bytes.readUInt16LE(end + 10)).toBe(1);
    const entry = bytes.readUInt32LE(end + 16);
    const [checksum, packed, nameLength, local] = [
      bytes.readUInt32LE(entry + 16),
      bytes.readUInt32LE(entry + 20),
      bytes.readUInt16LE(entry + 28),
      bytes.readUInt32LE(entry + 42),
    ];
    expect(bytes.toString('utf8', entry + 46, entry + 46 + nameLength)).toBe('digits_of_pi_1.txt');
    const data = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const content = inflateRawSync(bytes.subarray(data, data + packed));
    expect([String(content), crc32(content)]).toEqual([PI, checksum]);
  });

  it('gives the same bytes again', async () => {
    expect((await get('/download/1')).bytes.equals(zip)).toBe(true);
  });

  describeContent(() => `${api.url}/download/3`);

  it('says that a job is not complete, and that there is none', async () => {
    const early = await get('/download/2');
    expect([early.status, early.headers.get('retry-after')]).toEqual([409, '1']);
    expect((await get('/download/4')).status).toBe(404);
    expect((await get('/download/0')).status).toBe(404);
  });
});
