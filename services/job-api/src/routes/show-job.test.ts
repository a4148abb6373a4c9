import { readFile, rm, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { composeJobApi, temporaryVolume } from '../testing/compose-job-api.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { sendExactly } from '../testing/send-exactly.ts';

/** Ids that no job has, in every disguise of a number or a path. */
const strangeIds = [
  '0',
  '-1',
  '+1',
  '01',
  '00',
  '1.0',
  '1.',
  '.1',
  '1e0',
  '1e3',
  '0x1',
  '0b1',
  '1n',
  '1_0',
  '1,',
  '1;',
  '1 ',
  '%201',
  '1%20',
  '1%0a',
  '1%00',
  '%00',
  '%e2%80%8b1',
  '\u0661',
  '%D9%A1',
  '%EF%BC%91',
  '%F0%9D%9F%8F',
  '%C2%B9',
  'NaN',
  'Infinity',
  'null',
  'undefined',
  'true',
  '__proto__',
  'constructor',
  'toString',
  '4',
  '999999999999999',
  '9007199254740993',
  '99999999999999999999',
  '1'.repeat(5_000),
  '..',
  '.',
  '%2e%2e',
  '%2e%2e%2fjobs.txt',
  '..%2f..%2fetc%2fpasswd',
  '%252e%252e%252fjobs.txt',
  '..%5c..%5cjobs.txt',
  '%2fetc%2fpasswd',
  '1%2f..%2f1',
  '1.5.txt',
  'jobs.txt',
  'state',
  '*',
  '%2a',
  "1'%20OR%20'1'='1",
  '%7b%22id%22:1%7d',
  '00000000-0000-4000-8000-000000000000',
].map((id) => encodeURI(id).replaceAll('%25', '%'));

async function startWithLedger(ledger: string) {
  const dataDir = await temporaryVolume();
  await writeFile(`${dataDir}/jobs.txt`, ledger);
  return composeJobApi(dataDir);
}

describe('an id in a path', () => {
  it.each([
    ['GET', '/jobs/:id'],
    ['GET', '/jobs/:id/status'],
    ['GET', '/jobs/:id/events'],
    ['POST', '/jobs/:id/pause'],
    ['POST', '/jobs/:id/resume'],
    ['POST', '/jobs/:id/terminate'],
    ['DELETE', '/jobs/:id'],
  ])('of %s %s that is none gets a 404 that tells nothing of the host', async (method, template) => {
    const { app } = await startWithLedger('1, 5\n2, 6\n3, 7\n');
    for (const id of strangeIds) {
      expectProblem(await sendExactly(app, { method, path: template.replace(':id', id) }), 404);
    }
    expect(JSON.parse((await sendExactly(app, { path: '/jobs?limit=3' })).text).jobs).toMatchObject([
      { status: 'queued' },
      { status: 'queued' },
      { status: 'queued' },
    ]);
  });

  it('may be percent-encoded, and a slash may follow', async () => {
    const { app } = await startWithLedger('1, 5\n');
    for (const path of ['/jobs/%31', '/jobs/1/', '/jobs/%31/status/', '/jobs/1?x=y']) {
      expect(JSON.parse((await sendExactly(app, { path })).text), path).toMatchObject({ job_id: 1 });
    }
  });

  it('with broken percent-encoding gets a 400', async () => {
    const { app } = await startWithLedger('1, 5\n');
    for (const id of ['%', '%f', '%zz', '%ff', '%c0%ae', '%ed%a0%80', '1%']) {
      expectProblem(await sendExactly(app, { path: `/jobs/${id}` }), 400, 'bad_request');
    }
  });

  it('leads out of the jobs by no dots and slashes', async () => {
    const { app } = await startWithLedger('1, 5\n');
    const paths = [
      '/jobs/../jobs/1/status',
      '/jobs/1/../1/status',
      '/./jobs/1',
      '//jobs/1',
      '/jobs//1',
      '/jobs/1//status',
      '/jobs/1/status/x',
      '/..%2fjobs/1',
      '/jobs%2f1',
      '/jobs%2f1%2fstatus',
      '/jobs\\1',
      '/JOBS/1',
      '/jobs/1/Status',
      '/jobs/1;a=b/status',
      '/etc/passwd',
    ];
    for (const path of paths) expectProblem(await sendExactly(app, { path }), 404);
  });
});

describe('GET /jobs/:id/status', () => {
  it('tells everything that is known of a job that waits, and when to ask again', async () => {
    const { app } = await startWithLedger('');
    const headers = { 'content-type': 'application/json' };
    await sendExactly(app, { method: 'POST', path: '/jobs', headers, body: '{"num":1000}' });
    const answer = await sendExactly(app, { path: '/jobs/1/status' });
    expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(JSON.parse(answer.text)).toEqual({
      success: true,
      job_id: 1,
      kind: 'digits',
      num: 1000,
      status: 'queued',
      progress: { digits_written: 0, fraction: 0, eta_seconds: null, phase: null, digits_per_second: null },
      verify: false,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      started_at: null,
      finished_at: null,
    });
  });

  it('reads a volume that was written by hand: rows, a partial result, a final one', async () => {
    const { app, dataDir } = await startWithLedger('1, 5\n2, 6\n3, 7\n4, 8');
    await writeFile(`${dataDir}/1.5.txt`, '3.1415');
    await writeFile(`${dataDir}/2.6.txt.lock`, '3.14');
    const status = async (id: number) =>
      JSON.parse((await sendExactly(app, { path: `/jobs/${id}/status` })).text);
    expect(await status(1)).toMatchObject({
      status: 'completed',
      progress: { digits_written: 5, fraction: 1 },
    });
    expect(await status(2)).toMatchObject({ status: 'queued' });
    expect(await status(3)).toMatchObject({ status: 'queued', progress: { digits_written: 0 } });
    expectProblem(await sendExactly(app, { path: '/jobs/4/status' }), 404, 'job_not_found');
    expect((await sendExactly(app, { path: '/jobs/1/status' })).headers).not.toHaveProperty('retry-after');
  });

  it('waits for a change of the status as long as asked, and not for one that can no longer come', async () => {
    const { app, dataDir } = await startWithLedger('1, 5\n2, 6\n');
    const startedAt = performance.now();
    const held = await sendExactly(app, { path: '/jobs/1/status?wait=0.4' });
    expect(performance.now() - startedAt).toBeGreaterThan(350);
    expect(JSON.parse(held.text)).toMatchObject({ status: 'queued' });

    const waiting = sendExactly(app, { path: '/jobs/1/status?wait=60' });
    await new Promise((resolve) => setTimeout(resolve, 200));
    await writeFile(`${dataDir}/1.5.txt`, '3.1415');
    expect(JSON.parse((await waiting).text)).toMatchObject({ status: 'completed' });
    expect(JSON.parse((await sendExactly(app, { path: '/jobs/1/status?wait=60' })).text)).toMatchObject({
      status: 'completed',
    });
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it('takes a wait of 0 to 60 seconds and refuses any other', async () => {
    const { app } = await startWithLedger('1, 5\n');
    for (const wait of ['0', '0.05', '00', '0.001']) {
      expect((await sendExactly(app, { path: `/jobs/1/status?wait=${wait}` })).status, wait).toBe(200);
    }
    const refused = [
      '-1',
      '-0',
      '61',
      '60.001',
      '100',
      '1e1',
      '+1',
      '',
      '%20',
      'abc',
      '1s',
      '0x1',
      '1,5',
      '.5',
      '5.',
      '%D9%A3',
      'NaN',
      'Infinity',
      'true',
      '1&wait=1',
      '1%00',
      '9'.repeat(400),
    ];
    for (const wait of refused) {
      expectProblem(await sendExactly(app, { path: `/jobs/1/status?wait=${wait}` }), 400, 'invalid_request');
    }
  });
});

describe('GET /jobs/:id', () => {
  it('is 200 on the way and 201 with the whole URL of the result once it is there', async () => {
    const { app, dataDir } = await startWithLedger('1, 5\n');
    expect(await sendExactly(app, { path: '/jobs/1' })).toMatchObject({ status: 200 });
    await writeFile(`${dataDir}/1.5.txt`, '3.1415');
    const done = await sendExactly(app, { path: '/jobs/1' });
    expect(done.status).toBe(201);
    expect(done.headers['location']).toBe('http://localhost:8000/download/1');
    expect(JSON.parse(done.text)).toMatchObject({
      location: 'http://localhost:8000/download/1',
      status: 'completed',
    });
    expect(await sendExactly(app, { method: 'HEAD', path: '/jobs/1' })).toMatchObject({
      status: 201,
      text: '',
    });
  });
});

it('a ledger that holds what no crash leaves is an error of the service, which tells no client of the file', async () => {
  const { app, dataDir } = await startWithLedger('1, 5\n');
  await writeFile(`${dataDir}/jobs.txt`, '1, 5\nsomething else\n');
  const answer = await sendExactly(app, { path: '/jobs/2/status' });
  expectProblem(answer, 500, 'internal_error');
  expect(answer.text).not.toContain('something');
  expect((await sendExactly(app, { path: '/healthz' })).status).toBe(200);
});

it('a ledger that was removed under the service takes the next job under its name again', async () => {
  const { app, dataDir } = await startWithLedger('');
  const create = () =>
    sendExactly(app, {
      method: 'POST',
      path: '/jobs',
      headers: { 'content-type': 'application/json' },
      body: '{"num":5}',
    });
  await create();
  await rm(`${dataDir}/jobs.txt`);
  const answer = await create();
  expect(answer.headers['location']).toBe('/jobs/1');
  expect(await readFile(`${dataDir}/jobs.txt`, 'utf8')).toBe('1, 5\n');
  expect((await sendExactly(app, { path: '/jobs/2/status' })).status).toBe(404);
});
