import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobView } from '@pi-jobs/core';
import { expect, it } from 'vitest';
import { createAwsSystem } from '../support/aws-system.ts';
import { chaosScale, chaosTimeoutMs } from '../support/chaos-scale.ts';
import { postImage, waitForImage } from '../support/image-client.ts';
import { KilledServices } from '../support/killed-services.ts';
import { runInParallel } from '../support/run-in-parallel.ts';
import { resultText } from '../support/true-digits.ts';
import { unzip } from '../support/unzip.ts';

const photograph = readFileSync(new URL('../rainier.jpg', import.meta.url));

type Created = JobView & { readonly job_id: string };

async function createDigits(url: string, num: number, key?: string): Promise<Created> {
  const headers = {
    'content-type': 'application/json',
    ...(key === undefined ? {} : { 'idempotency-key': key }),
  };
  const answer = await fetch(`${url}/jobs`, { method: 'POST', headers, body: JSON.stringify({ num }) });
  const body = await answer.text();
  expect(answer.status, body).toBe(202);
  return JSON.parse(body) as Created;
}

async function untilStatus(url: string, id: string, status: string, timeoutMs = 60_000): Promise<JobView> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await fetch(`${url}/jobs/${id}/status`);
    const text = await answer.text();
    const view = (answer.status === 200 ? JSON.parse(text) : { status: text }) as JobView;
    if (view.status === status) return view;
    if (Date.now() > deadline || view.status === 'failed') throw new Error(`${id} is not ${status}: ${text}`);
    await sleep(100);
  }
}

const digitsOnly = (num: number): string => resultText(num).replace('.', '');

it('computes digits with nothing but a bucket and a queue, from the request to the archive', async () => {
  const { system, env } = await createAwsSystem();
  const { jobApi, downloadApi } = await system.startAll({ env });
  const created = await createDigits(jobApi.url, 20_000, 'a-key');
  expect(created.job_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  expect((await createDigits(jobApi.url, 20_000, 'a-key')).job_id).toBe(created.job_id);
  const mismatch = await fetch(`${jobApi.url}/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'a-key' },
    body: '{"num":5}',
  });
  expect(mismatch.status).toBe(422);
  const done = await untilStatus(jobApi.url, created.job_id, 'completed');
  expect(done).toMatchObject({ num: 20_000, progress: { digits_written: 20_000, fraction: 1 } });

  const job = await fetch(`${jobApi.url}/jobs/${created.job_id}`);
  const location = `${downloadApi.url}/download/${created.job_id}`;
  expect([job.status, job.headers.get('location')]).toEqual([201, location]);
  const files = await unzip(Buffer.from(await (await fetch(location)).arrayBuffer()));
  expect([...files.values()].map(String)).toEqual([resultText(20_000)]);
  const span = await fetch(`${downloadApi.url}/digits/${created.job_id}?start=19990&count=10`);
  expect(await span.text()).toBe(digitsOnly(20_000).slice(-10));
  const pi = await fetch(`${downloadApi.url}/v1/pi?start=10&numberOfDigits=20`);
  expect(await pi.json()).toEqual({ content: digitsOnly(30).slice(10) });

  const copy = await createDigits(jobApi.url, 300);
  expect(await untilStatus(jobApi.url, copy.job_id, 'completed')).toMatchObject({
    report: { engine: 'copy' },
  });
  const image = await postImage(jobApi.url, photograph);
  expect((await waitForImage(jobApi.url, image.location ?? '')).status).toBe(201);
  const list = (await (await fetch(`${jobApi.url}/jobs`)).json()) as { jobs: JobView[] };
  expect(list.jobs.map(({ job_id }) => job_id)).toEqual([image.body.job_id, copy.job_id, created.job_id]);
});

it('pauses, resumes and ends digit jobs, whose certain digits can be read meanwhile', async () => {
  const { system, env } = await createAwsSystem();
  const { jobApi, downloadApi } = await system.startAll({ env });
  const { job_id: id } = await createDigits(jobApi.url, 6_000_000);
  await untilStatus(jobApi.url, id, 'running');
  const order = (verb: string) => fetch(`${jobApi.url}/jobs/${id}/${verb}`, { method: 'POST' });
  expect([200, 202]).toContain((await order('pause')).status);
  await untilStatus(jobApi.url, id, 'paused');
  expect((await order('pause')).status).toBe(200);
  expect((await order('resume')).status).toBe(200);
  await untilStatus(jobApi.url, id, 'running');
  const early = await (await fetch(`${downloadApi.url}/digits/${id}?start=0&count=50`)).text();
  expect(digitsOnly(50).startsWith(early)).toBe(true);
  expect([200, 202]).toContain((await order('terminate')).status);
  const ended = await untilStatus(jobApi.url, id, 'terminated');
  expect(ended.finished_at).not.toBeNull();
  expect((await order('resume')).status).toBe(409);
});

it('names a bucket or a queue that is missing, and does not start', async () => {
  const { system, env, queueUrl } = await createAwsSystem();
  for (const [name, value] of [
    ['S3_BUCKET', 'no-such-bucket'],
    ['SQS_QUEUE_URL', `${queueUrl}-missing`],
  ] as const) {
    const started = system.start('job-api', { env: { ...env, [name]: value } });
    await expect(started).rejects.toThrow(new RegExp(`job-api cannot start: ${name}: .*does not exist`));
  }
});

it(
  'loses nothing and does nothing twice while calculators are killed and one request in ten goes wrong',
  async () => {
    const { aws, system, env } = await createAwsSystem();
    const [jobApi, downloadApi] = await Promise.all([
      system.start('job-api', { env }),
      system.start('download-api', { env }),
    ]);
    const calculators = await KilledServices.start(system, 'pi-calculator', 3, {
      env: { ...env, MAX_CONCURRENT_JOBS: '2' },
    });
    aws.faults.rate = 0.1;
    let isDone = false;
    const killing = (async () => {
      while (!isDone) {
        // Where starting takes seconds, each would be killed before it did anything.
        await calculators.settle();
        await sleep(2_500);
        calculators.killOne();
      }
    })();

    const jobs = 24 * chaosScale;
    const ended = new Map<string, string>();
    await runInParallel(jobs, 8, async (index) => {
      if (index % 2 === 0) {
        // Each is longer than the one before, so that not all can be copied.
        const num = 2_000 + index * 2_000;
        const { job_id: id } = await createDigits(jobApi.url, num);
        ended.set(id, JSON.stringify(await untilStatus(jobApi.url, id, 'completed', 120_000)));
        const answer = await fetch(`${downloadApi.url}/digits/${id}?start=0&count=${num}`);
        expect((await answer.text()) === digitsOnly(num), `the digits of ${id}`).toBe(true);
      } else {
        const width = 100 + index;
        const posted = await postImage(jobApi.url, photograph, [{ op: 'resize', width }]);
        const { body } = await waitForImage(jobApi.url, posted.location ?? '', 120_000);
        expect(body).toMatchObject({ status: 'completed', output: { width } });
        ended.set(body.job_id, JSON.stringify(body));
      }
    });
    isDone = true;
    await killing;

    expect(ended.size).toBe(jobs);
    expect(aws.injectedFaults).toBeGreaterThan(20);
    expect(calculators.kills).toBeGreaterThan(0);
    aws.faults.rate = 0;
    await sleep(2_000);
    for (const [id, view] of ended) {
      const now = await (await fetch(`${jobApi.url}/jobs/${id}/status`)).json();
      expect(now).toMatchObject({ status: 'completed', finished_at: JSON.parse(view).finished_at });
    }
  },
  chaosTimeoutMs(60),
);
