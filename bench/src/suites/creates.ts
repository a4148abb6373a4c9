import { ChildService, startService } from '../support/child-service.ts';
import { load } from '../support/load.ts';
import { interleave } from '../support/statistics.ts';
import type { Measurement, Suite } from '../support/suite.ts';
import { withTemporaryFolder } from '../support/temporary-folder.ts';

const CONNECTIONS = 64;
const json = { num: 1000 };

/** Durable creates per second, by one Job API and by two on one volume. */
export const creates: Suite = {
  name: 'creates',
  title: 'Creating jobs',
  method:
    '`POST /jobs` over 64 connections, every job on disk (fsync) before its answer, against a bare Express route that parses the same body with the same schema, keeps a Map and answers 202.',
  async run({ short }) {
    const seconds = short ? 1 : 5;
    const rounds = short ? 1 : 5;
    await using bare = await ChildService.start('bench/src/peers/bare-express.ts');
    const theirs = () => post(bare.url, seconds).then(({ perSecond }) => perSecond);
    // Awaited here: the peer is ended when this function returns.
    return await withTemporaryFolder(async (folder) => {
      const results: Measurement[] = [];
      await using first = await startService('job-api', folder);
      const one = await interleave(rounds, () => post(first.url, seconds).then((r) => r.perSecond), theirs);
      results.push(
        { what: 'creates per second, one Job API', value: one.ours.toFixed(0) },
        { what: 'the bare route', value: one.theirs.toFixed(0) },
        { what: 'ratio, one Job API', value: one.ratio.toFixed(2), aim: 'at least 0.8' },
      );
      await using second = await startService('job-api', folder);
      const latencies: number[] = [];
      const both = async () => {
        const halves = [first, second].map(({ url }) => post(url, seconds, CONNECTIONS / 2));
        const answers = await Promise.all(halves);
        latencies.push(...answers.map(({ p99 }) => p99));
        return answers.reduce((sum, { perSecond }) => sum + perSecond, 0);
      };
      const two = await interleave(rounds, both, theirs);
      results.push(
        { what: 'ratio, two Job APIs on one volume', value: two.ratio.toFixed(2), aim: 'at least 0.55' },
        { what: '99 % of their answers within', value: `${Math.max(...latencies)} ms`, aim: 'at most 30 ms' },
      );
      return results;
    });
  },
};

function post(url: string, seconds: number, connections = CONNECTIONS) {
  return load({ url: `${url}/jobs`, method: 'POST', json, seconds, connections });
}
