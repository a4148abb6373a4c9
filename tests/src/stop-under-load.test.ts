import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { chaosScale, chaosTimeoutMs } from '../support/chaos-scale.ts';
import { mustCreateJob, waitForStatus } from '../support/job-client.ts';
import { isLargeResultExact, LARGE_NUM } from '../support/known-results.ts';
import { MixedLoad, type Outcome, observe } from '../support/mixed-load.ts';
import type { ServiceProcess } from '../support/service-process.ts';
import { processesOf, startScript } from '../support/start-script.ts';
import { System } from '../support/system.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const environment = { env: { MAX_CONCURRENT_JOBS: '4', SHUTDOWN_TIMEOUT_SECONDS: '25' } };

const CLOSING_MS = 50;

/** Processes, living or not collected, whose parent is one of these. Linux only. */
function childrenOf(parents: readonly number[]): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const stat = readIfThere(`/proc/${pid}/stat`);
      return parents.includes(Number(stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0]));
    })
    .map((pid) => `${pid} ${readIfThere(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`);
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** Whole and what it was meant to be, or a refusal that says so; never half an answer, never a broken connection. */
function judge({ what, status, whole, text, error }: Outcome): string | undefined {
  const seen = `${what}: ${status} ${error ?? ''} ${text.slice(0, 200)}`;
  // The service has gone: nobody listens there any more.
  if (status === 0) return error === 'ECONNREFUSED' ? undefined : seen;
  if (!whole) return seen;
  if (status === 503) return JSON.parse(text).code === 'shutting_down' ? undefined : seen;
  if (status === 202 && what === 'create') return undefined;
  return status === 200 || status === 201 ? undefined : seen;
}

/** What is wrong with the outcomes of a load that went on beyond the end of the services. */
function complaintsOf(outcomes: readonly Outcome[]): string[] {
  const refusedAt = new Map<string, number>();
  for (const { origin, error, begunAt } of outcomes) {
    if (error === 'ECONNREFUSED' && !refusedAt.has(origin)) refusedAt.set(origin, begunAt);
  }
  return outcomes.flatMap((outcome) => {
    // The kernel resets connections that reach a listening socket in the moment in which it is closed, before anybody could accept.
    const closedIn = (refusedAt.get(outcome.origin) ?? Number.POSITIVE_INFINITY) - outcome.begunAt;
    const metTheClosing = outcome.status === 0 && outcome.error === 'ECONNRESET' && closedIn < CLOSING_MS;
    return metTheClosing ? [] : (judge(outcome) ?? []);
  });
}

const groups = [
  { signal: 'SIGTERM', rounds: Math.ceil(chaosScale) },
  { signal: 'SIGINT', rounds: Math.ceil(chaosScale) },
] as const;

describe.runIf(process.platform === 'linux')('a stop under a load of every kind of request', () => {
  it.each(
    groups.flatMap(({ signal, rounds }) => Array.from({ length: rounds }, (_, round) => ({ signal, round }))),
  )(
    'by $signal breaks no connection, halves no answer, leaves no child and harms no job ($round)',
    async ({ signal }) => {
      const system = await System.create();
      const services = Object.values(await system.startAll(environment));
      const [jobApi, calculator, downloadApi] = services as [ServiceProcess, ServiceProcess, ServiceProcess];
      const urls = { jobApi: jobApi.url, downloadApi: downloadApi.url, calculator: calculator.url };
      const done = await mustCreateJob(jobApi.url, 60_000);
      await waitForStatus(jobApi.url, done, 'completed');
      const running = await mustCreateJob(jobApi.url, LARGE_NUM);
      const load = new MixedLoad(urls, done);
      await sleep(500 + Math.random() * 1_500);

      const pids = services.map(({ child }) => child.pid ?? 0);
      for (const service of services) service.signal(signal);
      await sleep(100);
      const refused = await observe({ what: 'new work', url: `${jobApi.url}/jobs`, json: { num: 5 } });
      if (refused.status !== 0) expect(refused.status).toBe(503);
      expect(await Promise.all(services.map(({ ended }) => ended))).toEqual([0, 0, 0]);
      const outcomes = await load.stop();
      expect(complaintsOf(outcomes)).toEqual([]);
      expect(
        new Set(outcomes.filter(({ status }) => status === 200).map(({ what }) => what)).size,
      ).toBeGreaterThan(3);
      expect(childrenOf(pids)).toEqual([]);

      const next = await system.startAll(environment);
      await waitForStatus(next.jobApi.url, running, 'completed', 60_000);
      expect(await isLargeResultExact(system.dataDir, running)).toBe(true);
    },
    chaosTimeoutMs(40),
  );

  it('reaches all that `npm start` runs, and harms nothing there either', async () => {
    const folder = await temporaryFolder();
    const started = startScript(folder, environment.env);
    const urls = await started.ready();
    const done = await mustCreateJob(urls.jobApi, 60_000);
    await waitForStatus(urls.jobApi, done, 'completed');
    const running = await mustCreateJob(urls.jobApi, LARGE_NUM);
    const load = new MixedLoad(urls, done);
    await sleep(500 + Math.random() * 1_500);
    process.kill(-started.pid, 'SIGINT');
    expect(await started.ended).toBe(0);
    const outcomes = await load.stop();
    expect(complaintsOf(outcomes)).toEqual([]);
    expect(processesOf(folder)).toEqual([]);
    const system = await System.create(folder);
    await system.start('pi-calculator', environment);
    const { url } = await system.start('job-api', environment);
    await waitForStatus(url, running, 'completed', 60_000);
    expect(await isLargeResultExact(folder, running)).toBe(true);
  }, 120_000);

  it('ends at once on a second signal, and its programs with it', async () => {
    const system = await System.create();
    const jobApi = await system.start('job-api', environment);
    const waits = Array.from({ length: 5 }, () => observe({ what: 'wait', url: `${jobApi.url}/wait` }));
    const pid = jobApi.child.pid ?? 0;
    while (childrenOf([pid]).length < 5) await sleep(20);
    const programs = childrenOf([pid]).map((line) => Number(line.split(' ')[0]));
    jobApi.signal('SIGTERM');
    await sleep(1_200);
    expect(jobApi.isRunning).toBe(true);
    const again = performance.now();
    jobApi.signal('SIGTERM');
    expect(await jobApi.ended).not.toBe(0);
    expect(performance.now() - again).toBeLessThan(5_000);
    for (const until = Date.now() + 1_000; Date.now() < until; await sleep(20)) {
      if (programs.every((program) => !readIfThere(`/proc/${program}/cmdline`).includes('sleep'))) break;
    }
    for (const program of programs) expect(readIfThere(`/proc/${program}/cmdline`)).toBe('');
    await Promise.all(waits);
  }, 40_000);
});
