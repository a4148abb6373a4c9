import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobView } from '@pi-jobs/core';
import { expect, it } from 'vitest';
import { readStatus, waitForStatus } from '../support/job-client.ts';
import type { ServiceProcess } from '../support/service-process.ts';
import { System } from '../support/system.ts';
import { post } from '../support/worker-client.ts';

const NUM = 4_000_000;

/** A machine that stood still for a second: the job was done before it could be stopped, or there was no time to write. */
class StoodStillError extends Error {}

/** There was time enough, and nothing is kept: in a stretch of milliseconds, while numbers move, that may be. */
class NothingKeptError extends Error {}

/** What a calculator has to write what it has done, in milliseconds. */
const WRITING_MS = 800;

it('what a job has done outlives a pause and a kill of everything, and the orderly end of its calculator', async () => {
  let unlucky = 0;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await stopAgainAndAgain(await System.create());
    } catch (error) {
      if (error instanceof NothingKeptError) unlucky += 1;
      else if (!(error instanceof StoodStillError)) throw error;
      if (unlucky === 2 || attempt === 4) throw error;
    }
  }
}, 240_000);

async function stopAgainAndAgain(system: System): Promise<void> {
  let calculator = await system.start('pi-calculator');
  let jobApi = await system.start('job-api');
  const id = await createVerifiedJob(jobApi);

  await reached(jobApi, id, ({ fraction }) => fraction > 0.2);
  expect(await kept(system, id)).toEqual([]);
  await mustBeKept(system, id, /^wasm\.(range|division|fraction)/, () => pause(jobApi, id));
  expect((await post(`${jobApi.url}/jobs/${id}/resume`)).status).toBe(200);

  await reached(jobApi, id, isConverting);
  await mustBeKept(system, id, /^wasm\.fraction/, () => pause(jobApi, id));
  await Promise.all([calculator.kill(), jobApi.kill()]);
  [calculator, jobApi] = await Promise.all([system.start('pi-calculator'), system.start('job-api')]);
  expect((await post(`${jobApi.url}/jobs/${id}/resume`)).status).toBe(200);

  await reached(jobApi, id, isConverting);
  await mustBeKept(system, id, /^wasm\.fraction/, async () => {
    expect(await calculator.stop()).toBe(0);
    await mustGoOn(jobApi, id);
  });
  calculator = await system.start('pi-calculator');
  const { report } = await waitForStatus(jobApi.url, id, 'completed', 60_000);
  // The last run's; by its certificate all digits are right.
  expect(report).toMatchObject({ verification: { conversion: expect.stringContaining('agrees') } });
  const phases = Object.keys(Object(report?.['phaseSeconds']));
  expect(phases).toEqual(['start', 'ladder', 'conversion', 'certification', 'verification']);
  expect(await kept(system, id)).toEqual([]);
  await Promise.all([calculator.kill(), jobApi.kill()]);
}

function isConverting({ phase }: JobView['progress']): boolean {
  return phase === 'conversion' || phase === 'certification' || phase === 'verification';
}

async function createVerifiedJob({ url }: ServiceProcess): Promise<number> {
  const response = await fetch(`${url}/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ num: NUM, verify: true }),
  });
  expect(response.status).toBe(202);
  return ((await response.json()) as { job_id: number }).job_id;
}

/** Waits until a look at the running job's progress says so. */
async function reached(
  jobApi: ServiceProcess,
  id: number,
  isThere: (progress: JobView['progress']) => boolean,
): Promise<void> {
  for (;;) {
    const { status, progress } = await mustGoOn(jobApi, id);
    if (status === 'running' && isThere(progress)) return;
    await sleep(10);
  }
}

async function mustGoOn(jobApi: ServiceProcess, id: number): Promise<JobView> {
  const view = await readStatus(jobApi.url, id);
  if (view.status === 'completed') throw new StoodStillError();
  expect(view.status).toBeOneOf(['queued', 'running']);
  return view;
}

async function pause(jobApi: ServiceProcess, id: number): Promise<void> {
  const { status, body } = await post(`${jobApi.url}/jobs/${id}/pause`);
  if (status === 202 || body['current_status'] === 'completed') throw new StoodStillError();
  expect([status, body['status']]).toEqual([200, 'paused']);
}

async function mustBeKept(
  system: System,
  id: number,
  name: RegExp,
  stop: () => Promise<void>,
): Promise<void> {
  const startedAt = performance.now();
  await stop();
  const hadTime = performance.now() - startedAt < WRITING_MS;
  const names = await kept(system, id);
  if (names.some((kept) => name.test(kept))) return;
  throw new (hadTime ? NothingKeptError : StoodStillError)(`kept: ${names}`);
}

/** Files of what is kept of the job. */
async function kept(system: System, id: number): Promise<string[]> {
  return readdir(`${system.dataDir}/state/checkpoints/${id}`).catch(() => []);
}
