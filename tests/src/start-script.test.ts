import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { mustCreateJob, waitForStatus } from '../support/job-client.ts';
import { processesOf, startScript } from '../support/start-script.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe.runIf(process.platform === 'linux')('npm start', () => {
  it.each([
    { signal: 'SIGTERM', group: false },
    { signal: 'SIGINT', group: true },
  ] as const)(
    'stops everything and exits with 0 on $signal (to its group: $group)',
    async ({ signal, group }) => {
      const folder = await temporaryFolder();
      const started = startScript(folder);
      const { jobApi } = await started.ready();
      const id = await mustCreateJob(jobApi, 500);
      await waitForStatus(jobApi, id, 'completed');
      await mustCreateJob(jobApi, 200_000);
      process.kill(group ? -started.pid : started.pid, signal);
      expect(await started.ended).toBe(0);
      expect(processesOf(folder)).toEqual([]);
      expect(started.output()).not.toContain('starting it again');
    },
  );

  it('stops everything and exits with 0 while the services are still starting', async () => {
    const folder = await temporaryFolder();
    const started = startScript(folder);
    while (processesOf(folder).length < 2) await sleep(5);
    process.kill(started.pid, 'SIGTERM');
    expect(await started.ended, started.output()).toBe(0);
    expect(processesOf(folder)).toEqual([]);
  });

  it('takes a signal that comes twice within a second, as npm and a terminal each send one, for one', async () => {
    const folder = await temporaryFolder();
    const started = startScript(folder);
    const { jobApi } = await started.ready();
    await mustCreateJob(jobApi, 100_000);
    process.kill(-started.pid, 'SIGINT');
    await sleep(50);
    try {
      process.kill(started.pid, 'SIGINT');
    } catch {
      // It was quick.
    }
    expect(await started.ended).toBe(0);
    expect(processesOf(folder)).toEqual([]);
  });

  it('ends at once on a second signal more than a second after the first', async () => {
    const folder = await temporaryFolder();
    const started = startScript(folder);
    const { jobApi } = await started.ready();
    // A request whose body never ends keeps the Job API from stopping.
    const controller = new AbortController();
    const endless = new ReadableStream({ start: (stream) => stream.enqueue(new TextEncoder().encode('{')) });
    const request = fetch(`${jobApi}/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: endless,
      duplex: 'half',
      signal: controller.signal,
    } as RequestInit).catch(() => undefined);
    await sleep(300);
    process.kill(started.pid, 'SIGTERM');
    await sleep(1_300);
    expect(started.child.exitCode).toBe(null);
    const again = Date.now();
    process.kill(started.pid, 'SIGTERM');
    expect(await started.ended).not.toBe(0);
    expect(Date.now() - again).toBeLessThan(10_000);
    expect(processesOf(folder)).toEqual([]);
    controller.abort();
    await request;
  });

  it('starts a service that was killed again, on its port, and goes on with the jobs', async () => {
    const folder = await temporaryFolder();
    const started = startScript(folder);
    const { jobApi, calculator } = await started.ready();
    const first = await mustCreateJob(jobApi, 100);
    await waitForStatus(jobApi, first, 'completed');
    for (const name of ['job-api', 'pi-calculator']) {
      for (const pid of processesOf(folder, name)) process.kill(pid, 'SIGKILL');
    }
    for (const url of [jobApi, calculator]) {
      while ((await fetch(`${url}/readyz`).catch(() => undefined))?.status !== 200) await sleep(50);
    }
    const second = await mustCreateJob(jobApi, 2_000);
    expect(second).toBe(first + 1);
    await waitForStatus(jobApi, second, 'completed');
    process.kill(started.pid, 'SIGTERM');
    expect(await started.ended).toBe(0);
  });

  it('leaves no service behind when it is killed itself', async () => {
    const folder = await temporaryFolder();
    const started = startScript(folder);
    await started.ready();
    expect(processesOf(folder)).toHaveLength(3);
    process.kill(started.pid, 'SIGKILL');
    for (const until = Date.now() + 15_000; processesOf(folder).length > 0 && Date.now() < until; )
      await sleep(50);
    expect(processesOf(folder)).toEqual([]);
  });

  it('leaves no service behind when it is killed while they start', async () => {
    const folder = await temporaryFolder();
    const started = startScript(folder);
    while (processesOf(folder).length < 2) await sleep(5);
    process.kill(started.pid, 'SIGKILL');
    for (const until = Date.now() + 15_000; processesOf(folder).length > 0 && Date.now() < until; )
      await sleep(50);
    expect(processesOf(folder)).toEqual([]);
  });

  it.each(['JOB_API_PORT', 'DOWNLOAD_API_PORT', 'PI_CALCULATOR_PORT'])(
    'says in one clear line that the port of %s is taken, and ends with 1',
    async (variable) => {
      const taken = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => taken.once('listening', resolve));
      const { port } = taken.address() as AddressInfo;
      const folder = await temporaryFolder();
      const started = startScript(folder, { [variable]: String(port) });
      expect(await started.ended).toBe(1);
      const lines = started
        .output()
        .split('\n')
        .filter((line) => line.includes(`${port}`));
      expect(lines, started.output()).toHaveLength(1);
      expect(lines[0]).toContain(`the port is already in use; set ${variable} to another port`);
      expect(started.output()).not.toMatch(/^ +at /m);
      expect(processesOf(folder)).toEqual([]);
      taken.close();
    },
  );

  it('names every bad variable and ends with 1', async () => {
    const started = startScript(await temporaryFolder(), { MAX_DIGITS: 'many', MAX_CONCURRENT_JOBS: '0' });
    expect(await started.ended).toBe(1);
    expect(started.output()).toMatch(/MAX_DIGITS must be an integer/);
    expect(started.output()).toMatch(/MAX_CONCURRENT_JOBS must be an integer/);
  });
});
