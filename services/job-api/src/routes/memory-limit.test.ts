import { FileVolume, FileWorkQueue } from '@pi-jobs/core';
import request from 'supertest';
import { describe, expect, it, onTestFinished } from 'vitest';
import { composeJobApi, temporaryVolume } from '../testing/compose-job-api.ts';

/** More than any machine that runs this test can hold. */
const TOO_MANY = 10 ** 14;
const env = { MAX_DIGITS: String(10 ** 15) };

/** A calculator of the volume, as far as others hear of it. */
async function startCalculator(dataDir: string, mostDigits: number): Promise<() => Promise<void>> {
  const volume = await FileVolume.open(dataDir);
  const queue = await FileWorkQueue.open(volume, { maxConcurrentJobs: 2, mostDigits });
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    closed ??= queue.close().then(() => volume.close());
    await closed;
  };
  onTestFinished(close);
  return close;
}

describe('digits that fit no calculator', () => {
  it('are refused at creation with what would fit the largest, and that is taken', async () => {
    const { app, dataDir } = await composeJobApi(await temporaryVolume(), env);
    await startCalculator(dataDir, 1_000_000);
    const stopLarge = await startCalculator(dataDir, 5_000_000);
    const refused = await request(app).post('/jobs').send({ num: TOO_MANY });
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ success: false, code: 'too_many_digits', most_digits: 5_000_000 });
    expect(refused.body.error).toContain('5000000 would fit');
    expect((await request(app).post('/jobs').send({ num: 5_000_000 })).status).toBe(202);
    expect((await request(app).post('/jobs').send({ num: 5_000_001 })).status).toBe(400);
    await stopLarge();
    expect((await request(app).post('/jobs').send({ num: 5_000_000 })).body).toMatchObject({
      most_digits: 1_000_000,
    });
  });

  it('are taken while no calculator runs: the one that comes says whether they fit', async () => {
    const { app } = await composeJobApi(await temporaryVolume(), env);
    expect((await request(app).post('/jobs').send({ num: TOO_MANY })).status).toBe(202);
  });

  it('leave a worker id unused', async () => {
    const { app, dataDir } = await composeJobApi(await temporaryVolume(), env);
    await startCalculator(dataDir, 1_000_000);
    const { worker_id: workerId } = (await request(app).get('/new_job')).body;
    expect((await request(app).post(`/job/new/${workerId}`).send({ num: TOO_MANY })).status).toBe(400);
    expect((await request(app).get(`/status/${workerId}`)).body).toMatchObject({ status: 'reserved' });
  });
});
