import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { composeJobApi, temporaryVolume } from '../testing/compose-job-api.ts';
import { expectProblem } from '../testing/expect-problem.ts';
import { sendExactly } from '../testing/send-exactly.ts';

type App = Awaited<ReturnType<typeof composeJobApi>>['app'];
interface Page {
  readonly jobs: readonly { readonly job_id: number; readonly status: string }[];
  readonly next_cursor: string | null;
}

async function startWithJobs(count: number) {
  const dataDir = await temporaryVolume();
  await writeFile(
    `${dataDir}/jobs.txt`,
    Array.from({ length: count }, (_, i) => `${i + 1}, ${i + 10}\n`).join(''),
  );
  return composeJobApi(dataDir);
}

async function page(app: App, query: string): Promise<Page> {
  const answer = await sendExactly(app, { path: `/jobs${query}` });
  expect(answer.status, answer.text).toBe(200);
  return JSON.parse(answer.text) as Page;
}

/** Every id that the pages show, in their order. */
async function readAll(
  app: App,
  query: string,
  between: () => Promise<unknown> = async () => undefined,
): Promise<number[]> {
  const ids: number[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const found: Page = await page(app, `?${query}${cursor === '' ? '' : `&cursor=${cursor}`}`);
    ids.push(...found.jobs.map(({ job_id }) => job_id));
    cursor = found.next_cursor;
    await between();
  }
  return ids;
}

describe('GET /jobs', () => {
  it('shows 50, newest first, with what their status answers tell', async () => {
    const { app } = await startWithJobs(60);
    const { jobs, next_cursor } = await page(app, '');
    expect(jobs.map(({ job_id }) => job_id)).toEqual(Array.from({ length: 50 }, (_, i) => 60 - i));
    expect(jobs[0]).toEqual(JSON.parse((await sendExactly(app, { path: '/jobs/60/status' })).text));
    expect(next_cursor).toEqual(expect.any(String));
  });

  it('is empty while there are none', async () => {
    const { app } = await composeJobApi(await temporaryVolume());
    expect(await page(app, '')).toEqual({ jobs: [], next_cursor: null });
  });

  it('pages through all of them without gap or repeat while more are made', async () => {
    const { app } = await startWithJobs(120);
    const create = () =>
      sendExactly(app, {
        method: 'POST',
        path: '/jobs',
        headers: { 'content-type': 'application/json' },
        body: '{"num":5}',
      });
    for (const limit of [1, 7, 60, 119, 120, 121, 500]) {
      const newest = (await page(app, '?limit=1')).jobs[0]?.job_id ?? 0;
      const ids = await readAll(app, `limit=${limit}`, create);
      expect(ids).toEqual(Array.from({ length: newest }, (_, i) => newest - i));
      if (limit === 1) break;
    }
    const few = await startWithJobs(7);
    for (const limit of [1, 2, 3, 6, 7, 8]) {
      expect(await readAll(few.app, `limit=${limit}`)).toEqual([7, 6, 5, 4, 3, 2, 1]);
    }
  });

  it('shows the jobs of one status, and of one kind', async () => {
    const { app, dataDir } = await startWithJobs(20);
    for (const id of [3, 9, 20]) await writeFile(`${dataDir}/${id}.${id + 9}.txt`, '3');
    await sendExactly(app, { method: 'POST', path: '/jobs/4/pause' });
    await sendExactly(app, { method: 'DELETE', path: '/jobs/5' });
    expect(await readAll(app, 'limit=2&status=completed')).toEqual([20, 9, 3]);
    expect(await readAll(app, 'status=paused')).toEqual([4]);
    expect(await readAll(app, 'limit=1&status=terminated')).toEqual([5]);
    expect(await readAll(app, 'limit=4&status=queued')).toHaveLength(15);
    for (const status of ['running', 'failed']) expect(await readAll(app, `status=${status}`)).toEqual([]);
    expect(await readAll(app, 'kind=digits&limit=9')).toHaveLength(20);
    for (const kind of ['upload', 'download']) expect(await readAll(app, `kind=${kind}`)).toEqual([]);
  });

  it('refuses every limit, cursor, status and kind that it does not know', async () => {
    const { app } = await startWithJobs(3);
    const queries = [
      ...[
        '0',
        '501',
        '-1',
        '1.5',
        'abc',
        '',
        '1e2',
        '0x10',
        '+5',
        '05',
        '%D9%A5',
        '%205',
        '5%00',
        '1&limit=2',
        'Infinity',
        '9'.repeat(30),
      ].map((limit) => `limit=${limit}`),
      ...[
        '',
        'abc',
        '0',
        '-1',
        '1.5',
        '01',
        '9'.repeat(30),
        'x'.repeat(101),
        '%00',
        '%D9%A5',
        '1&cursor=2',
        '..%2f',
        '{}',
      ].map((cursor) => `cursor=${cursor}`),
      ...['unknown', 'QUEUED', '', 'queued%00', 'queued&status=failed', '__proto__'].map(
        (status) => `status=${status}`,
      ),
      ...['upload', 'download', 'image', 'digits'].map((kind) => `cursor=zzz&kind=${kind}`),
      ...['pi', 'DIGITS', '', 'digits&kind=image', 'constructor'].map((kind) => `kind=${kind}`),
    ];
    for (const query of queries) {
      const answer = await sendExactly(app, { path: `/jobs?${query}` });
      expectProblem(answer, 400);
    }
    expect((await page(app, '?unknown=1&limit=500')).jobs).toHaveLength(3);
    expect((await page(app, '?cursor=999999')).jobs).toHaveLength(3);
    expect((await page(app, '?cursor=1')).jobs).toHaveLength(0);
  });
});
