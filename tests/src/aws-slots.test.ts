import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createAwsSystem } from '../support/aws-system.ts';
import type { ServiceProcess } from '../support/service-process.ts';
import { modifyWorker, requestJson, reserveWorker } from '../support/worker-client.ts';

interface View {
  readonly job_id: string;
  readonly status: string;
  readonly started_at: string;
}

const SLOTS = 2;
const JOBS = 8;
/** Long enough to be seen running. */
const DIGITS = 300_000;

async function create({ url }: ServiceProcess, num: number): Promise<string> {
  const { status, body } = await requestJson(`${url}/jobs`, { json: { num } });
  expect(status).toBe(202);
  return String(body['job_id']);
}

/** Oldest first. */
async function listJobs({ url }: ServiceProcess): Promise<View[]> {
  const { body } = await requestJson(`${url}/jobs?limit=100`);
  return (body['jobs'] as View[]).toReversed();
}

/** The calculator that works on the job, once there is one. */
async function findWorker(calculators: readonly ServiceProcess[], id: string): Promise<ServiceProcess> {
  for (;;) {
    for (const one of calculators.filter(({ isRunning }) => isRunning)) {
      if ((await requestJson(`${one.url}/calculations/${id}`)).body['here'] === true) return one;
    }
    await sleep(20);
  }
}

it('on a bucket no more digit jobs run than there are slots, in their order, whichever calculators take them, or die', async () => {
  const { system, env } = await createAwsSystem();
  const options = { env: { ...env, MAX_CONCURRENT_JOBS: String(SLOTS) } };
  const [jobApi, ...calculators] = await Promise.all([
    system.start('job-api', options),
    ...[1, 2, 3].map(() => system.start('pi-calculator', options)),
  ]);

  const ids: string[] = [];
  for (let index = 0; index < JOBS; index += 1) ids.push(await create(jobApi, DIGITS + index));
  let most = 0;
  for (let isDone = false; !isDone; await sleep(30)) {
    const jobs = await listJobs(jobApi);
    most = Math.max(most, jobs.filter(({ status }) => status === 'running').length);
    expect(jobs.filter(({ status }) => status === 'failed')).toEqual([]);
    isDone = jobs.every(({ status }) => status === 'completed');
  }
  expect(most).toBe(SLOTS);
  const jobs = await listJobs(jobApi);
  expect(jobs.map(({ job_id }) => job_id)).toEqual(ids);
  // Those that are given slots together begin as their calculators get to it.
  for (const [index, { started_at }] of jobs.slice(2 * SLOTS).entries()) {
    expect(started_at >= String(jobs[index]?.started_at)).toBe(true);
  }

  const long = await create(jobApi, 30_000_000);
  const first = await findWorker(calculators, long);
  const id = await reserveWorker(jobApi.url);
  const refused = await fetch(`${jobApi.url}/new_job`);
  expect([refused.status, refused.headers.get('ratelimit')]).toEqual([503, '"slots";r=0']);
  await first.kill();
  expect(await findWorker(calculators, long)).not.toBe(first);
  expect((await requestJson(`${jobApi.url}/new_job`)).status).toBe(503);
  await modifyWorker(jobApi.url, id, 'terminated');
  await requestJson(`${jobApi.url}/jobs/${long}/terminate`, { method: 'POST' });
  for (let slot = 0; slot < SLOTS; slot += 1) await reserveWorker(jobApi.url);
  expect((await requestJson(`${jobApi.url}/new_job`)).status).toBe(503);
}, 90_000);
