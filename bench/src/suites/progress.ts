import type { JobView } from '@pi-jobs/core';
import { JobSystem } from '../support/job-system.ts';
import { median } from '../support/statistics.ts';
import type { Suite } from '../support/suite.ts';
import { withTemporaryFolder } from '../support/temporary-folder.ts';

interface Look {
  readonly at: number;
  readonly progress: JobView['progress'];
}

/** Is what a job says of its progress true? */
export const progress: Suite = {
  name: 'progress',
  title: 'Progress of a job',
  method:
    'The status of jobs of 10^7 digits, asked for forty times a second: the estimate of the time that is left, at half of the time that it took in the end, against that half; and the shares of the work that were told, which must never go back.',
  async run({ short }) {
    const jobs = short ? 1 : 7;
    return await withTemporaryFolder(async (folder) => {
      await using system = await JobSystem.start(folder, short ? 2_000_000 : 10_000_000);
      const ratios: number[] = [];
      let backs = 0;
      for (let job = 0; job < jobs; job += 1) {
        const looks = await follow(system);
        const end = looks.at(-1)?.at ?? Number.NaN;
        const half = looks.find(({ at }) => at >= end / 2);
        ratios.push((half?.progress.eta_seconds ?? Number.NaN) / (end - (half?.at ?? Number.NaN)));
        backs += looks.filter(
          (look, i) => look.progress.fraction < (looks[i - 1]?.progress.fraction ?? 0),
        ).length;
      }
      return [
        { what: 'estimate at half time to the truth, median', value: median(ratios).toFixed(2) },
        {
          what: `least and most of ${jobs}`,
          value: `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`,
          aim: '0.75 to 1.25',
        },
        { what: 'times that the share went back', value: String(backs), aim: '0' },
      ];
    });
  },
};

/** What the status said from the start of a job's run to its end; times in seconds since the start. */
async function follow(system: JobSystem): Promise<readonly Look[]> {
  const looks: Look[] = [];
  const id = await system.createJob();
  await system.until(id, ({ status }) => status === 'running');
  const startedAt = performance.now();
  await system.until(
    id,
    ({ status }) => status === 'completed',
    (job) => looks.push({ at: (performance.now() - startedAt) / 1000, progress: job.progress }),
  );
  return looks;
}
