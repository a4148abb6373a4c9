import { startService } from '../support/child-service.ts';
import { median, quantile } from '../support/statistics.ts';
import type { Suite } from '../support/suite.ts';
import { withTemporaryFolder } from '../support/temporary-folder.ts';

/** From a command to its effect, and what listeners cost the job that they listen to. */
export const control: Suite = {
  name: 'control',
  title: 'Control of running jobs',
  method:
    'Pause and resume of a running job through the Job API at random moments of its run, until the answer says that it is so; then the time of a job alone and with 500 listeners to its events.',
  async run({ short }) {
    const digits = short ? 2_000_000 : 20_000_000;
    const trials = short ? 5 : 100;
    return await withTemporaryFolder(async (folder) => {
      await using calculator = await startService('pi-calculator', folder);
      await using api = await startService('job-api', folder, { PI_CALCULATOR_URL: calculator.url });
      const pauses: number[] = [];
      const resumes: number[] = [];
      let id = 0;
      // A job that is shorter than a finished one is a copy of it: each is a little longer than all before.
      let num = digits;
      const next = (): number => {
        num += 1;
        return num;
      };
      while (pauses.length < trials) {
        if (id === 0 || (await statusOf(api.url, id)) !== 'running') id = await create(api.url, next());
        await waitFor(api.url, id, 'running');
        await pause(Math.random() * 400);
        const paused = await command(api.url, id, 'pause');
        if (paused.status !== 200) continue;
        pauses.push(paused.ms);
        resumes.push((await command(api.url, id, 'resume')).ms);
      }
      await command(api.url, id, 'terminate');
      const alone: number[] = [];
      const watched: number[] = [];
      for (let round = 0; round < (short ? 1 : 5); round += 1) {
        alone.push(await runJob(api.url, next(), 0));
        watched.push(await runJob(api.url, next(), 500));
      }
      const ratio = median(watched.map((seconds, i) => seconds / (alone[i] ?? Number.NaN)));
      return [
        { what: 'pause, median', value: `${median(pauses).toFixed(0)} ms` },
        {
          what: 'pause, 99th percentile',
          value: `${quantile(pauses, 0.99).toFixed(0)} ms`,
          aim: 'under 2000 ms',
        },
        { what: 'resume to running, median', value: `${median(resumes).toFixed(0)} ms` },
        {
          what: 'run time with 500 listeners, ratio to alone',
          value: ratio.toFixed(2),
          aim: 'no measurable slowdown',
        },
      ];
    });
  },
};

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function create(url: string, num: number): Promise<number> {
  const response = await fetch(`${url}/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ num }),
  });
  return ((await response.json()) as { readonly job_id: number }).job_id;
}

async function statusOf(url: string, id: number, wait = 0): Promise<string> {
  const response = await fetch(`${url}/jobs/${id}/status?wait=${wait}`);
  return ((await response.json()) as { readonly status: string }).status;
}

async function waitFor(url: string, id: number, status: string): Promise<void> {
  for (let now = ''; now !== status && now !== 'completed'; ) now = await statusOf(url, id, 1);
}

async function command(url: string, id: number, verb: string) {
  const startedAt = performance.now();
  const response = await fetch(`${url}/jobs/${id}/${verb}`, { method: 'POST' });
  await response.arrayBuffer();
  return { status: response.status, ms: performance.now() - startedAt };
}

/** Seconds of the job by its own record. */
async function runJob(url: string, num: number, listeners: number): Promise<number> {
  const id = await create(url, num);
  const stop = new AbortController();
  const listening = Array.from({ length: listeners }, async () => {
    const response = await fetch(`${url}/jobs/${id}/events`, { signal: stop.signal });
    await response.text();
  });
  await waitFor(url, id, 'completed');
  await Promise.allSettled(listening);
  stop.abort();
  const job = (await (await fetch(`${url}/jobs/${id}/status`)).json()) as {
    readonly started_at: string;
    readonly finished_at: string;
  };
  return (Date.parse(job.finished_at) - Date.parse(job.started_at)) / 1000;
}
