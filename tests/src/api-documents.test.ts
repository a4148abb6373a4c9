import { readFile } from 'node:fs/promises';
import { PiJobsClient } from '@pi-jobs/client';
import { expect, it, onTestFinished, vi } from 'vitest';
import { operations } from '../../packages/client/src/operations.ts';
import { ApiContract } from '../support/api-contract.ts';
import { waitForStatus } from '../support/job-client.ts';
import { System } from '../support/system.ts';

/**
 * What takes a slow client, a broken store, a full disk, a stop, a worker that does not let go, or a request that meets its own
 * repetition; other tests bring these about. A header that is text is never wrong.
 */
const ELSEWHERE = [
  / (?:408|500|503|507)$/,
  /\/(?:pause|resume|terminate) 202$/,
  /^DELETE \S+ 202$/,
  /^POST \/jobs 409$/,
  /\/events 400$/,
];
const unseen = (api: ApiContract): readonly string[] =>
  api.unseen.filter((answer) => !ELSEWHERE.some((pattern) => pattern.test(answer)));

const MOST_BYTES = 2_000_000;
const tooLarge = 'x'.repeat(MOST_BYTES + 100_000);
/** What a browser says of a request that a page of another site makes it send. */
const elsewhere = { 'sec-fetch-site': 'cross-site' };
const NO_WORKER = '00000000-0000-4000-8000-000000000000';
const environment = {
  MAX_UPLOAD_BYTES: String(MOST_BYTES),
  MAX_CONCURRENT_JOBS: '3',
  MAX_DIGITS: '5000000',
};

async function start() {
  const system = await System.create();
  const { jobApi, calculator, downloadApi } = await system.startAll({ env: environment });
  return {
    jobs: await ApiContract.of(jobApi),
    downloads: await ApiContract.of(downloadApi),
    calculations: await ApiContract.of(calculator),
  };
}

const post = (body?: NonNullable<RequestInit['body']>, headers: Readonly<Record<string, string>> = {}) => ({
  method: 'POST',
  headers,
  ...(body === undefined ? {} : { body }),
});
const text = (body: string) => post(body, { 'content-type': 'text/plain' });

function form(field: string, content: string | Uint8Array<ArrayBuffer>, filename: string): FormData {
  const data = new FormData();
  data.set(field, new Blob([content]), filename);
  return data;
}

interface JobBody {
  readonly job_id: number;
  readonly num: number;
  readonly status: string;
}

interface JobList {
  readonly jobs: readonly unknown[];
}

async function walkStandardRoutes(api: ApiContract): Promise<void> {
  for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json', '/docs']) {
    expect((await api.ask(path)).status).toBe(200);
  }
}

/** A finished job of 1,000 digits. */
async function finishedJob(jobs: ApiContract): Promise<number> {
  const { body } = await jobs.ask<JobBody>('/jobs', { json: { num: 1000 } });
  await waitForStatus(jobs.url, body.job_id, 'completed');
  return body.job_id;
}

async function walkDigitJobs(jobs: ApiContract): Promise<void> {
  const done = `/jobs/${await finishedJob(jobs)}`;
  const headers = { 'idempotency-key': 'one' };
  await jobs.ask('/jobs', { json: { num: 1000 }, headers });
  expect((await jobs.ask('/jobs', { json: { num: 1001 }, headers })).status).toBe(422);
  expect((await jobs.ask('/jobs', { json: { num: 0 } })).status).toBe(400);
  expect((await jobs.ask('/jobs', text('1'))).status).toBe(415);
  expect((await jobs.ask('/jobs', { json: { num: 1, more: 'x'.repeat(200_000) } })).status).toBe(413);
  expect((await jobs.ask(done)).status).toBe(201);
  expect((await jobs.ask(`${done}/status?wait=0`)).status).toBe(200);
  expect((await jobs.ask(`${done}/status?wait=61`)).status).toBe(400);
  expect((await jobs.ask(`${done}/events`, { headers: { 'last-event-id': 'x-1' } })).status).toBe(200);
  for (const path of ['/jobs/99', '/jobs/99/status', '/jobs/99/events', `${done}/output`]) {
    expect((await jobs.ask(path)).status, path).toBe(404);
  }
  const { body } = await jobs.ask<JobBody>('/jobs', { json: { num: 5_000_000 } });
  expect((await jobs.ask(`/jobs/${body.job_id}`)).status).toBe(200);
  for (const verb of ['pause', 'resume', 'terminate']) {
    expect((await jobs.ask(`/jobs/${body.job_id}/${verb}`, post())).ok, verb).toBe(true);
    expect((await jobs.ask(`${done}/${verb}`, post())).status, verb).toBe(409);
    expect((await jobs.ask(`/jobs/99/${verb}`, post())).status, verb).toBe(404);
  }
  const remove = { method: 'DELETE' };
  expect((await jobs.ask(`/jobs/${body.job_id}`, remove)).status).toBe(200);
  expect((await jobs.ask(done, remove)).status).toBe(409);
  expect((await jobs.ask('/jobs/99', remove)).status).toBe(404);
}

async function walkImageJobs(jobs: ApiContract): Promise<void> {
  const photo = new Uint8Array(await readFile(new URL('../rainier.jpg', import.meta.url)));
  const created = await jobs.ask<{ job_id: string }>('/jobs', post(form('image', photo, 'rainier.jpg')));
  expect(created.status).toBe(202);
  const image = `/jobs/${created.body.job_id}`;
  await jobs.ask(`${image}/status`);
  while ((await jobs.ask(image)).status !== 201);
  const output = await jobs.ask(`${image}/output`);
  expect(output.status).toBe(200);
  const etag = output.headers.get('etag') ?? '';
  const conditions: readonly (readonly [number, Record<string, string>])[] = [
    [304, { 'if-none-match': etag }],
    [412, { 'if-match': '"another"' }],
    [206, { range: 'bytes=0-9' }],
    [416, { range: 'bytes=99999999-' }],
  ];
  for (const [status, headers] of conditions) {
    expect((await jobs.ask(`${image}/output`, { headers })).status).toBe(status);
  }
  expect((await jobs.ask(`${image}/terminate`, post())).status).toBe(409);
  for (const path of ['', '?limit=1', '?kind=image', '?kind=digits&status=completed']) {
    expect((await jobs.ask<JobList>(`/jobs${path}`)).body.jobs.length, path).toBeGreaterThan(0);
  }
  expect((await jobs.ask('/jobs?limit=0')).status).toBe(400);
}

async function walkWorkers(jobs: ApiContract): Promise<void> {
  const reserve = async (): Promise<string> =>
    (await jobs.ask<{ worker_id: string }>('/new_job')).body.worker_id;
  const [first, second] = [await reserve(), await reserve()];
  expect((await jobs.ask('/new_job', { headers: elsewhere })).status).toBe(403);
  expect((await jobs.ask(`/job/new/${first}`, { json: { num: 0 } })).status).toBe(400);
  expect((await jobs.ask(`/job/new/${first}`, text('1'))).status).toBe(415);
  expect((await jobs.ask(`/job/new/${first}`, { json: { a: 'x'.repeat(200_000) } })).status).toBe(413);
  expect((await jobs.ask(`/status/${first}`)).body).toMatchObject({ kind: null, status: 'reserved' });
  expect((await jobs.ask<JobBody>(`/job/new/${first}`, { json: { num: 2000 } })).body.status).toBe(
    'completed',
  );
  expect((await jobs.ask(`/status/${first}`)).body).toMatchObject({ kind: 'digits', status: 'completed' });
  expect((await jobs.ask(`/status/${NO_WORKER}`)).status).toBe(400);
  expect((await jobs.ask(`/modify/${first}/paused`, post())).status).toBe(400);
  expect((await jobs.ask<JobBody>(`/modify/${second}/terminated`, post())).body.status).toBe('terminated');

  const upload = `/upload/new/${await reserve()}`;
  expect((await jobs.ask(`${upload}?filename=a.exe`, text('x'))).status).toBe(415);
  expect((await jobs.ask(`${upload}?filename=a.txt`, text(tooLarge))).status).toBe(413);
  expect((await jobs.ask(upload, text('x'))).status).toBe(400);
  expect((await jobs.ask(`${upload}?filename=a.txt`, text('hello'))).body).toMatchObject({ bytes: 5 });
  const again = `/upload/new/${await reserve()}`;
  expect((await jobs.ask(`${again}?filename=a.txt`, text('hello'))).status).toBe(409);
  expect((await jobs.ask<JobList>('/jobs?kind=upload')).body.jobs.length).toBeGreaterThan(0);

  const download = `/download/new/${await reserve()}`;
  const { body } = await jobs.ask<JobBody>('/jobs', { json: { num: 5_000_000 } });
  expect((await jobs.ask(download, { json: {} })).status).toBe(400);
  expect((await jobs.ask(download, text('a'))).status).toBe(415);
  expect((await jobs.ask(download, { json: { filename: 'x'.repeat(200_000) } })).status).toBe(413);
  expect((await jobs.ask(download, { json: { filename: 'b.txt' } })).status).toBe(404);
  expect((await jobs.ask(download, { json: { job_id: body.job_id } })).status).toBe(409);
  expect((await jobs.ask(download, { json: { filename: 'a.txt' } })).text).toBe('hello');
  const zip = `/download/new/${await reserve()}`;
  expect((await jobs.ask(zip, { json: { job_id: 1 } })).status).toBe(200);
  await jobs.ask(`/jobs/${body.job_id}/terminate`, post());
}

async function walkDictionary(jobs: ApiContract): Promise<void> {
  for (const type of ['text/html', 'text/plain', 'application/json']) {
    const { headers } = await jobs.ask('/api/v1', { headers: { accept: type } });
    expect(headers.get('content-type')).toContain(type);
  }
  const query = (json: unknown) => jobs.ask('/api/v1/json', { json });
  expect((await query({ action: 'search', term: 'the', nresults: 2 })).status).toBe(200);
  expect((await query({ action: 'list', folder: '', filter: '*.txt' })).status).toBe(200);
  expect((await query({ action: 'all', nresults: -1 })).status).toBe(400);
  expect((await query({ action: 'all', dictionary: 'none.txt' })).status).toBe(403);
  expect((await query({ action: 'fly' })).status).toBe(501);
  expect((await query({ term: 'x'.repeat(100_000) })).status).toBe(413);
  expect((await jobs.ask('/api/v1/json', text('x'))).status).toBe(415);
}

it('the Job API answers on every route what its document says', async () => {
  const { jobs } = await start();
  const waited = jobs.ask('/wait');
  await walkStandardRoutes(jobs);
  await walkDigitJobs(jobs);
  await walkImageJobs(jobs);
  await walkWorkers(jobs);
  await walkDictionary(jobs);
  expect((await waited).status).toBe(200);
  expect(unseen(jobs)).toEqual([]);
}, 120_000);

async function walkDigits(downloads: ApiContract, running: number): Promise<void> {
  const zip = await downloads.ask('/download/1');
  expect(zip.status).toBe(200);
  const conditions: readonly (readonly [number, Record<string, string>])[] = [
    [206, { range: 'bytes=0-9' }],
    [206, { range: 'bytes=0-9,20-29' }],
    [416, { range: 'bytes=9999999-' }],
    [304, { 'if-none-match': zip.headers.get('etag') ?? '' }],
  ];
  for (const [status, headers] of conditions) {
    expect((await downloads.ask('/download/1', { headers })).status).toBe(status);
  }
  expect((await downloads.ask('/download/99')).status).toBe(404);
  expect((await downloads.ask(`/download/${running}`)).status).toBe(409);
  expect((await downloads.ask('/digits/1?start=1&count=4')).text).toBe('1415');
  expect((await downloads.ask('/digits/1?count=x')).status).toBe(400);
  expect((await downloads.ask('/digits/1?start=1000')).status).toBe(416);
  expect((await downloads.ask('/digits/1/search?q=999999')).body).toMatchObject({ positions: [762] });
  expect((await downloads.ask('/digits/1/search?q=x')).status).toBe(400);
  expect((await downloads.ask('/digits/1/stats')).body).toMatchObject({ count: 1000 });
  for (const path of ['', '/search?q=1', '/stats']) {
    expect((await downloads.ask(`/digits/99${path}`)).status, path).toBe(404);
  }
  expect((await downloads.ask('/v1/pi?numberOfDigits=5')).body).toEqual({ content: '31415' });
  expect((await downloads.ask('/v1/pi?start=9000000')).status).toBe(404);
  expect((await downloads.ask('/v1/pi?start=x')).status).toBe(400);
}

async function walkFiles(downloads: ApiContract): Promise<void> {
  expect((await downloads.ask('/')).status).toBe(302);
  expect((await downloads.ask('/favicon.ico')).status).toBe(204);
  const page = { headers: { accept: 'text/html' } };
  const formFile = (name: string, content: string) => post(form('file', content, name));
  expect((await downloads.ask('/upload', formFile('a.txt', 'hello'))).status).toBe(201);
  const another = { ...formFile('b.txt', 'hello'), ...page };
  expect((await downloads.ask('/upload', another)).headers.get('content-type')).toContain('text/html');
  expect((await downloads.ask('/upload', { ...formFile('c.txt', ''), headers: elsewhere })).status).toBe(403);
  expect((await downloads.ask('/upload', post(form('other', 'x', 'c.txt')))).status).toBe(400);
  expect((await downloads.ask('/upload', formFile('a.txt', 'hello'))).status).toBe(409);
  expect((await downloads.ask('/upload', formFile('d.txt', tooLarge))).status).toBe(413);
  expect((await downloads.ask('/upload', formFile('d.exe', 'x'))).status).toBe(415);
  expect((await downloads.ask('/upload/c.txt', text('hello'))).status).toBe(201);
  expect((await downloads.ask('/upload/c.txt', text('hello'))).status).toBe(409);
  expect((await downloads.ask('/upload/c', text('hello'))).status).toBe(400);
  expect((await downloads.ask('/upload/d.txt', post('x', elsewhere))).status).toBe(403);
  expect((await downloads.ask('/upload/d.txt', text(tooLarge))).status).toBe(413);
  expect((await downloads.ask('/upload/d.exe', text('x'))).status).toBe(415);
  const { body } = await downloads.ask('/upload', { headers: { accept: 'application/json' } });
  const named = ['a.txt', 'b.txt', 'c.txt'].map((filename) => expect.objectContaining({ filename }));
  expect(body).toEqual(named);
  expect((await downloads.ask('/upload?after=a.txt', page)).text).toContain('b.txt');
  expect((await downloads.ask('/upload?after=a.txt&after=b.txt')).status).toBe(400);
  expect((await downloads.ask('/download')).body).toEqual(body);
  expect((await downloads.ask('/download/a.txt')).text).toBe('hello');
  const remove = { method: 'DELETE' };
  expect((await downloads.ask('/download/a.txt', { ...remove, headers: elsewhere })).status).toBe(403);
  expect((await downloads.ask('/download/a.txt', remove)).status).toBe(204);
  expect((await downloads.ask('/download/a.txt', remove)).status).toBe(404);
}

async function walkResumableUploads(downloads: ApiContract): Promise<void> {
  const tus = { 'tus-resumable': '1.0.0' };
  const metadata = `filename ${Buffer.from('resumed.txt').toString('base64')}`;
  await downloads.ask('/files', { method: 'OPTIONS' });
  for (const end of ['whole', 'given up']) {
    const headers = { ...tus, 'upload-length': '5', 'upload-metadata': metadata };
    const created = await downloads.ask('/files', post(undefined, headers));
    expect(created.status, created.text).toBe(201);
    const upload = new URL(created.headers.get('location') ?? '', downloads.url).pathname;
    await downloads.ask(upload, { method: 'OPTIONS' });
    expect((await downloads.ask(upload, { method: 'HEAD', headers: tus })).status).toBe(200);
    if (end === 'given up') await downloads.ask(upload, { method: 'DELETE', headers: tus });
    else {
      const more = { ...tus, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' };
      const patched = await downloads.ask(upload, { method: 'PATCH', headers: more, body: 'hello' });
      expect(patched.status, patched.text).toBe(204);
      await fetch(`${downloads.url}/download/resumed.txt`, { method: 'DELETE' });
    }
  }
}

it('the Download API answers on every route what its document says', async () => {
  const { jobs, downloads } = await start();
  await finishedJob(jobs);
  const running = await jobs.ask<JobBody>('/jobs', { json: { num: 5_000_000 } });
  await walkStandardRoutes(downloads);
  await walkDigits(downloads, running.body.job_id);
  await jobs.ask(`/jobs/${running.body.job_id}/terminate`, post());
  await walkFiles(downloads);
  await walkResumableUploads(downloads);
  expect(unseen(downloads)).toEqual([]);
}, 120_000);

it('the Pi Calculator answers on every route what its document says', async () => {
  const { jobs, calculations } = await start();
  await walkStandardRoutes(calculations);
  const done = await finishedJob(jobs);
  const { body } = await jobs.ask<JobBody>('/jobs', { json: { num: 5_000_000 } });
  const known = { job_id: body.job_id, num: body.num };
  expect((await calculations.ask('/calculations', { json: known })).status).toBe(202);
  expect((await calculations.ask('/calculations', { json: { ...known, num: 7 } })).status).toBe(409);
  expect((await calculations.ask('/calculations', { json: { ...known, job_id: 99 } })).status).toBe(404);
  expect((await calculations.ask('/calculations', { json: {} })).status).toBe(400);
  expect((await calculations.ask('/calculations', { json: { a: 'x'.repeat(200_000) } })).status).toBe(413);
  expect((await calculations.ask('/calculations', text('x'))).status).toBe(415);
  await waitForStatus(jobs.url, body.job_id, 'running');
  expect((await calculations.ask('/calculations')).status).toBe(200);
  expect((await calculations.ask(`/calculations/${body.job_id}`)).status).toBe(200);
  expect((await calculations.ask('/calculations/99')).status).toBe(404);
  for (const verb of ['pause', 'resume', 'terminate']) {
    expect((await calculations.ask(`/calculations/${body.job_id}/${verb}`, post())).ok, verb).toBe(true);
    expect((await calculations.ask(`/calculations/${done}/${verb}`, post())).status, verb).toBe(409);
    expect((await calculations.ask(`/calculations/99/${verb}`, post())).status, verb).toBe(404);
  }
  expect(unseen(calculations)).toEqual([]);
}, 120_000);

it('the client asks only what the documents of the services describe, parameters included', async () => {
  const { jobs, downloads } = await start();
  const asked = new Set<string>();
  const realFetch = globalThis.fetch;
  vi.stubGlobal('fetch', async (url: URL, init?: RequestInit) => {
    const response = await realFetch(url, init);
    const contract = url.origin === jobs.url ? jobs : downloads;
    asked.add((await contract.check(new Request(url, init), response.clone())).operation);
    return response;
  });
  onTestFinished(() => void vi.unstubAllGlobals());

  const client = new PiJobsClient({ 'job-api': jobs.url, 'download-api': downloads.url });
  const small = await client.createJob(1000, { verify: true, idempotencyKey: 'one' });
  const id = String(small.job_id);
  const events = await Array.fromAsync(client.followJob(id, { lastEventId: 'x-1' }));
  expect(events.at(-1)?.job.status).toBe('completed');
  expect((await client.jobStatus(id, { waitSeconds: 1 })).status).toBe('completed');
  const large = String((await client.createJob(5_000_000)).job_id);
  expect((await client.pauseJob(large)).status).toBe('paused');
  await client.resumeJob(large);
  expect((await client.terminateJob(large)).status).toBe('terminated');
  expect((await client.listJobs({ limit: 1, status: 'terminated' })).jobs).toHaveLength(1);
  const { next_cursor: cursor } = await client.listJobs({ limit: 1 });
  expect((await client.listJobs({ cursor: cursor ?? '' })).jobs).toHaveLength(1);
  await (await client.download(id)).arrayBuffer();
  expect(await client.readDigits(id, 762, 6)).toBe('999999');
  await expect(client.jobStatus('99')).rejects.toMatchObject({ status: 404, code: 'job_not_found' });

  const made = Object.values(operations).map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  expect([...asked].toSorted()).toEqual(made.toSorted());
}, 60_000);
