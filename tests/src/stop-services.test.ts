import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { createJob, mustCreateJob, readStatus, waitForStatus } from '../support/job-client.ts';
import { openJobStore } from '../support/job-store.ts';
import { readLedger } from '../support/ledger-file.ts';
import { System } from '../support/system.ts';
import { resultText } from '../support/true-digits.ts';

it('a Job API that gets SIGTERM amid creates and waits answers what it took and exits with 0', async () => {
  const system = await System.create();
  const jobApi = await system.start('job-api');
  await mustCreateJob(jobApi.url, 10);
  const waiting = readStatus(jobApi.url, 1, '?wait=60');
  const acknowledged = new Map([[1, 10]]);
  const lanes = Array.from({ length: 20 }, async (_, lane) => {
    for (let num = 1_000 * (lane + 1); ; num += 1) {
      const answer = await createJob(jobApi.url, num).catch(() => undefined);
      if (answer?.id !== undefined) acknowledged.set(answer.id, num);
      else if (answer === undefined) return;
      else {
        expect(answer.status).toBe(503);
        expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
        return;
      }
    }
  });
  while (acknowledged.size < 50) await new Promise((resolve) => setTimeout(resolve, 5));
  const stoppedAt = Date.now();
  expect(await jobApi.stop()).toBe(0);
  expect(Date.now() - stoppedAt).toBeLessThan(9_000);
  await Promise.all(lanes);

  expect(await waiting).toMatchObject({ status: 'queued' });
  const rows = await readLedger(system.dataDir);
  expect([...rows]).toEqual([...acknowledged].sort(([a], [b]) => a - b));
});

it('a calculator that gets SIGTERM amid a job exits with 0 within its time, and the next one completes the job at once', async () => {
  const num = 100_000;
  resultText(num);
  const system = await System.create();
  const store = await openJobStore(system.dataDir);
  await store.create({ num, verify: false });
  const first = await system.start('pi-calculator');
  while ((await store.get('1'))?.state === 'queued') await new Promise((resolve) => setTimeout(resolve, 1));
  expect(await first.stop()).toBe(0);
  // The lease was given back, not left to run out.
  const left = await store.get('1');
  expect(left?.state === 'queued' || left?.state === 'completed').toBe(true);
  await system.start('pi-calculator');
  while ((await store.get('1'))?.state !== 'completed')
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect((await readFile(`${system.dataDir}/1.${num}.txt`, 'latin1')) === resultText(num)).toBe(true);
});

it('a Download API that gets SIGTERM amid downloads finishes them whole and exits with 0', async () => {
  const system = await System.create();
  const { jobApi, downloadApi } = await system.startAll();
  const id = await mustCreateJob(jobApi.url, 50_000);
  await waitForStatus(jobApi.url, id, 'completed');
  const downloads = Array.from({ length: 8 }, () => fetch(`${downloadApi.url}/download/${id}`));
  const first = await Promise.race(downloads);
  const stopped = downloadApi.stop();
  const bodies = await Promise.all(
    downloads.map(async (download) => {
      const response = await download.catch(() => undefined);
      if (response === undefined || response.status === 503) return undefined;
      expect(response.status).toBe(200);
      return Buffer.from(await response.arrayBuffer());
    }),
  );
  expect(await stopped).toBe(0);
  expect(first.status).toBe(200);
  const whole = bodies.filter((body) => body !== undefined);
  expect(whole.length).toBeGreaterThan(0);
  for (const body of whole) expect(body.equals(whole[0] ?? body)).toBe(true);
});
