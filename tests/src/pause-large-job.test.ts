import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { mustCreateJob, readStatus, waitForStatus } from '../support/job-client.ts';
import { isLargeResultExact, LARGE_NUM } from '../support/known-results.ts';
import { System } from '../support/system.ts';
import { post } from '../support/worker-client.ts';

/** Seconds of CPU time that a process has used, all its threads together. Linux only. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

it.runIf(process.platform === 'linux')(
  'a large job is paused within two seconds wherever that meets it, rests, survives a kill of everything and ends exact',
  async () => {
    const system = await System.create();
    let calculator = await system.start('pi-calculator');
    let jobApi = await system.start('job-api');
    const id = await mustCreateJob(jobApi.url, LARGE_NUM);
    let fraction = 0;
    const latencies: number[] = [];
    for (let pause = 0; pause < 4; pause += 1) {
      await sleep(40 + Math.random() * 120 * (pause + 1));
      const askedAt = performance.now();
      const { status, body } = await post(`${jobApi.url}/jobs/${id}/pause`);
      latencies.push(performance.now() - askedAt);
      if (status === 409) break;
      expect([status, body['status']]).toEqual([200, 'paused']);
      const pid = calculator.child.pid ?? 0;
      // The threads are gone; what is left is a look for work a few times a second.
      const used = cpuSeconds(pid);
      await sleep(1_000);
      expect(cpuSeconds(pid) - used).toBeLessThan(0.2);
      const view = await readStatus(jobApi.url, id);
      expect(view.status).toBe('paused');
      expect(view.progress.fraction).toBeGreaterThanOrEqual(fraction);
      fraction = view.progress.fraction;
      if (pause % 2 === 1) {
        await Promise.all([calculator.kill(), jobApi.kill()]);
        [calculator, jobApi] = await Promise.all([system.start('pi-calculator'), system.start('job-api')]);
      }
      const resumed = await post(`${jobApi.url}/jobs/${id}/resume`);
      expect(resumed.status).toBe(200);
    }
    expect(Math.max(...latencies)).toBeLessThan(2_000);
    await waitForStatus(jobApi.url, id, 'completed', 90_000);
    expect(await isLargeResultExact(system.dataDir, id)).toBe(true);
  },
  150_000,
);
