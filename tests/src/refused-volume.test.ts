import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { VolumeMutex } from '@pi-jobs/core';
import { expect, it } from 'vitest';
import { createJob, mustCreateJob, readStatus, waitForStatus } from '../support/job-client.ts';
import { readLedger } from '../support/ledger-file.ts';
import { System } from '../support/system.ts';
import { canMount, mountSmallVolume, temporaryFolder } from '../support/temporary-folder.ts';
import { resultText } from '../support/true-digits.ts';

const SERVICES = ['job-api', 'pi-calculator', 'download-api'] as const;
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

/** Root may write everything, so the services have to be somebody else. */
async function createSystemOfNobody(): Promise<System> {
  const folder = await temporaryFolder();
  chownSync(folder, NOBODY, NOBODY);
  return System.create(folder);
}

const refuse = (folder: string) => execFileSync('chmod', ['-R', 'a-w', folder]);
const allow = (folder: string) => execFileSync('chmod', ['-R', 'u+w', folder]);

it.runIf(isRoot)(
  'a volume that may not be written refuses jobs with 503, still tells of those it has, and works on when it may (needs root, to be another user)',
  async () => {
    const system = await createSystemOfNobody();
    const first = await system.start('job-api', { uid: NOBODY });
    await mustCreateJob(first.url, 100);
    await first.stop();
    refuse(system.dataDir);

    const jobApi = await system.start('job-api', { uid: NOBODY });
    for (const headers of [{}, { 'idempotency-key': 'one' }]) {
      const refused = await createJob(jobApi.url, 200, headers);
      expect(refused.status, refused.text).toBe(503);
      expect(JSON.parse(refused.text)).toMatchObject({ success: false, code: 'storage_unavailable' });
      expect(refused.text).not.toContain(system.dataDir);
      expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    }
    expect((await fetch(`${jobApi.url}/readyz`)).status).toBe(503);
    expect(await readStatus(jobApi.url, 1)).toMatchObject({ num: 100, status: 'queued' });

    allow(system.dataDir);
    expect((await fetch(`${jobApi.url}/readyz`)).status).toBe(200);
    expect((await createJob(jobApi.url, 300, { 'idempotency-key': 'one' })).id).toBe(2);
    expect(await mustCreateJob(jobApi.url, 400)).toBe(3);
    expect([...(await readLedger(system.dataDir)).values()]).toEqual([100, 300, 400]);
  },
);

it.runIf(isRoot)(
  'a calculator that may not write any more keeps its job and completes it when it may again (needs root, to be another user)',
  async () => {
    const system = await createSystemOfNobody();
    const jobApi = await system.start('job-api', { uid: NOBODY });
    await system.start('pi-calculator', { uid: NOBODY });
    refuse(system.dataDir);
    const id = await mustCreateJob(jobApi.url, 5_000).catch(() => undefined);
    expect(id, 'the ledger could still be opened').toBeUndefined();
    allow(system.dataDir);
    const created = await mustCreateJob(jobApi.url, 5_000);
    refuse(system.dataDir);
    await sleep(1_000);
    expect((await readStatus(jobApi.url, created)).status).not.toBe('failed');
    allow(system.dataDir);
    await waitForStatus(jobApi.url, created, 'completed');
    expect(readFileSync(`${system.dataDir}/${created}.5000.txt`, 'latin1')).toBe(resultText(5_000));
  },
);

it.runIf(isRoot)(
  'a service that cannot use its volume does not start and says why in one line (needs root, to be another user)',
  async () => {
    const folder = await temporaryFolder();
    chmodSync(folder, 0o755);
    const system = await System.create(folder);
    for (const service of SERVICES.map((name) => system.launch(name, { uid: NOBODY }))) {
      expect(await service.ended).toBe(1);
      expect(service.output.trim().split('\n')).toHaveLength(1);
      expect(service.output).toMatch(/cannot start: EACCES: permission denied/);
    }
  },
);

it.runIf(canMount)(
  'a read-only volume hands out what it holds, refuses jobs with 503, and takes them once it is writable (needs root, to mount)',
  async () => {
    const folder = await mountSmallVolume(4 << 20);
    const system = await System.create(folder);
    const before = await system.startAll();
    await waitForStatus(before.jobApi.url, await mustCreateJob(before.jobApi.url, 50), 'completed');
    await Promise.all(
      [before.jobApi, before.calculator, before.downloadApi].map((service) => service.stop()),
    );

    execFileSync('mount', ['-o', 'remount,ro', folder]);
    const jobApi = await system.start('job-api');
    const downloadApi = await system.start('download-api');
    const refused = await createJob(jobApi.url, 100);
    expect(refused.status, refused.text).toBe(503);
    expect((await createJob(jobApi.url, 100, { 'idempotency-key': 'k' })).status).toBe(503);
    expect(await readStatus(jobApi.url, 1)).toMatchObject({ status: 'completed' });
    expect(await (await fetch(`${downloadApi.url}/digits/1?count=10`)).text()).toBe('3141592653');

    execFileSync('mount', ['-o', 'remount,rw', folder]);
    expect(await mustCreateJob(jobApi.url, 200)).toBe(2);
    expect([...(await readLedger(folder)).values()]).toEqual([50, 200]);
  },
);

it('a data folder that is a file stops every service with one line', async () => {
  const system = await System.create(`${await temporaryFolder()}/file`);
  mkdirSync(system.dataDir.replace(/file$/, ''), { recursive: true });
  execFileSync('touch', [system.dataDir]);
  for (const service of SERVICES.map((name) => system.launch(name))) {
    expect(await service.ended).toBe(1);
    expect(service.output.trim().split('\n')).toHaveLength(1);
    expect(service.output).toMatch(/cannot start: /);
  }
  expect(existsSync(system.dataDir)).toBe(true);
});

it('a ledger that no crash leaves stops every service with one line that names the row', async () => {
  const folder = await temporaryFolder();
  await writeFile(`${folder}/jobs.txt`, '1, 10\n3, 30\n');
  const system = await System.create(folder);
  for (const service of SERVICES.map((name) => system.launch(name))) {
    expect(await service.ended).toBe(1);
    expect(service.output.trim()).toBe(
      `${service.name} cannot start: row 2 of the ledger must read "2, <num>" but reads "3, 30"`,
    );
  }
  expect(await readFile(`${folder}/jobs.txt`, 'utf8')).toBe('1, 10\n3, 30\n');
});

it('while a process that holds the volume is stopped, jobs get 503 and statuses are told; then the work goes on', async () => {
  const system = await System.create();
  const jobApi = await system.start('job-api');
  await mustCreateJob(jobApi.url, 5);
  const mutex = new VolumeMutex(`${system.dataDir}/state/mutex`);
  await mutex.run(async () => {
    const refused = await createJob(jobApi.url, 6);
    expect(refused.status, refused.text).toBe(503);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await readStatus(jobApi.url, 1)).toMatchObject({ status: 'queued' });
  });
  mutex.close();
  expect(await mustCreateJob(jobApi.url, 7)).toBe(2);
}, 60_000);
