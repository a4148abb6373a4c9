import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import request from 'supertest';
import { expect, it, vi } from 'vitest';
import type { Calculator } from '../calculator/calculator.ts';
import { composeCalculator, temporaryVolume } from '../testing/compose-calculator.ts';

async function startWithRunningJob() {
  const dataDir = await temporaryVolume();
  await writeFile(`${dataDir}/jobs.txt`, '1, 3000000\n');
  const { app, calculator } = await composeCalculator(dataDir);
  calculator.start();
  const status = async () => (await request(app).get('/calculations/1')).body.status as string;
  await vi.waitUntil(async () => (await status()) === 'running', { timeout: 10_000, interval: 5 });
  const order = async (verb: string) => {
    const { status: code, body } = await request(app).post(`/calculations/1/${verb}`);
    return [code, body.status === code ? body.current_status : body.status];
  };
  return { app, calculator, dataDir, order };
}

/** Once a job's record says how it ended, its calculator still clears up. */
async function isLetGo(calculator: Calculator): Promise<void> {
  await vi.waitUntil(() => calculator.runningJobIds.length === 0, { timeout: 10_000, interval: 5 });
}

it('a job that runs is paused, resumed and terminated, each answered when it is so', async () => {
  const { app, calculator, dataDir, order } = await startWithRunningJob();
  expect(await order('resume')).toEqual([200, 'running']);
  expect(await order('pause')).toEqual([200, 'paused']);
  await isLetGo(calculator);
  expect((await request(app).get('/calculations')).body).toEqual({ calculations: [] });
  expect(existsSync(`${dataDir}/1.3000000.txt.lock`)).toBe(true);
  expect(await order('pause')).toEqual([200, 'paused']);

  expect(await order('resume')).toEqual([200, 'running']);
  expect((await request(app).get('/calculations')).body).toMatchObject({
    calculations: [{ job_id: 1, status: 'running', here: true }],
  });
  expect(await order('terminate')).toEqual([200, 'terminated']);
  await isLetGo(calculator);
  expect(existsSync(`${dataDir}/1.3000000.txt.lock`)).toBe(false);
  expect(await order('terminate')).toEqual([200, 'terminated']);
  expect(await order('resume')).toEqual([409, 'terminated']);
});

it('a calculator obeys what another one on the volume was asked', async () => {
  const { dataDir, calculator } = await startWithRunningJob();
  const other = await composeCalculator(dataDir);
  const { status, body } = await request(other.app).post('/calculations/1/pause');
  expect([status, body.status]).toEqual([200, 'paused']);
  await isLetGo(calculator);
});
