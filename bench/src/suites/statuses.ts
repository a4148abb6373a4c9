import { ChildService, startService } from '../support/child-service.ts';
import { fillLedger } from '../support/fill-ledger.ts';
import { load } from '../support/load.ts';
import { interleave } from '../support/statistics.ts';
import type { Suite } from '../support/suite.ts';
import { withTemporaryFolder } from '../support/temporary-folder.ts';

const PATHS = 1000;

/** Status answers per second, by how many jobs are on record, and the start of the Job API on many. */
export const statuses: Suite = {
  name: 'statuses',
  title: 'Reading the status of jobs',
  method:
    '`GET /jobs/:id/status` of a thousand ids spread over all that are on record, 16 connections, against an Express route that answers from a Map.',
  async run({ short }) {
    const few = 1_000;
    const many = short ? 20_000 : 1_000_000;
    const options = { seconds: short ? 1 : 5, rounds: short ? 1 : 5 };
    return withTemporaryFolder(async (folder) => {
      await fillLedger(`${folder}/few`, few);
      await fillLedger(`${folder}/many`, many);
      await using small = await startService('job-api', `${folder}/few`);
      const startedAt = performance.now();
      await using large = await startService('job-api', `${folder}/many`);
      const startSeconds = (performance.now() - startedAt) / 1000;
      await using bare = await ChildService.start('bench/src/peers/bare-express.ts', { JOBS: String(few) });
      const ask = (url: string, jobs: number) => () => askAll(url, jobs, options.seconds);
      const bySize = await interleave(options.rounds, ask(large.url, many), ask(small.url, few));
      const toMap = await interleave(options.rounds, ask(large.url, many), ask(bare.url, few));
      return [
        { what: `answers per second, ${few} jobs on record`, value: bySize.theirs.toFixed(0) },
        { what: `answers per second, ${many} jobs on record`, value: bySize.ours.toFixed(0) },
        { what: 'ratio of the two', value: bySize.ratio.toFixed(2), aim: '0.8 to 1.2' },
        {
          what: 'ratio to the route that answers from a Map',
          value: toMap.ratio.toFixed(2),
          aim: 'at least 0.7',
        },
        {
          what: `start of the Job API on ${many} jobs`,
          value: `${startSeconds.toFixed(2)} s`,
          aim: 'under 2 s',
        },
      ];
    });
  },
};

async function askAll(url: string, jobs: number, seconds: number): Promise<number> {
  const paths = Array.from({ length: PATHS }, (_, i) => `/jobs/${1 + Math.floor((i * jobs) / PATHS)}/status`);
  return (await load({ url, paths, seconds, connections: 16 })).perSecond;
}
