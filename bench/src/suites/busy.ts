import { startService } from '../support/child-service.ts';
import { median, quantile } from '../support/statistics.ts';
import type { Suite } from '../support/suite.ts';
import { withTemporaryFolder } from '../support/temporary-folder.ts';

/** Status answers while the machine computes. */
export const busy: Suite = {
  name: 'busy',
  title: 'Status answers while digits are computed',
  method:
    'One client asks for the status of jobs of 10^6 digits over and over while they run, one after the other, on all cores of the same machine.',
  async run({ short }) {
    const jobs = short ? 2 : 20;
    return await withTemporaryFolder(async (folder) => {
      await using calculator = await startService('pi-calculator', folder);
      await using api = await startService('job-api', folder, { PI_CALCULATOR_URL: calculator.url });
      const latencies: number[] = [];
      for (let round = 0; round < jobs; round += 1) {
        // A little longer each time: a shorter one would be a copy of the last.
        const num = 1_000_000 + round;
        const { job_id: id } = await ask<{ readonly job_id: number }>(`${api.url}/jobs`, { num });
        for (let status = ''; status !== 'completed'; ) {
          const askedAt = performance.now();
          ({ status } = await ask<{ readonly status: string }>(`${api.url}/jobs/${id}/status`));
          latencies.push(performance.now() - askedAt);
        }
      }
      return [
        { what: `answers, while ${jobs} jobs ran`, value: String(latencies.length) },
        { what: 'median', value: `${median(latencies).toFixed(2)} ms` },
        { what: '99 % within', value: `${quantile(latencies, 0.99).toFixed(1)} ms`, aim: 'under 20 ms' },
      ];
    });
  },
};

async function ask<Answer>(url: string, json?: unknown): Promise<Answer> {
  const body = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(json),
  };
  const response = await fetch(url, json === undefined ? {} : body);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return (await response.json()) as Answer;
}
