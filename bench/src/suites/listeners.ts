import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { JobSystem, runSeconds } from '../support/job-system.ts';
import { median } from '../support/statistics.ts';
import type { Suite } from '../support/suite.ts';
import { withTemporaryFolder } from '../support/temporary-folder.ts';

const LISTENERS = 500;
const PEER = fileURLToPath(new URL('../peers/listeners.ts', import.meta.url));

interface Run {
  /** By the job's own record. */
  readonly seconds: number;
  /** Processor seconds. */
  readonly ofApi: number;
  readonly ofCalculator: number;
  readonly ofListeners: number;
}

/** What listeners cost the job that they listen to. */
export const listeners: Suite = {
  name: 'listeners',
  title: 'Listeners to the events of a job',
  method: `A job of 10^7 digits on all cores, alone and with ${LISTENERS} listeners to \`GET /jobs/:id/events\` from its creation to its end, in turn. The listeners are one process that reads and throws away, on the same cores. Times of whole runs vary with the machine; the processor time that was spent tells what it was spent on.`,
  async run({ short }) {
    const rounds = short ? 1 : 7;
    return await withTemporaryFolder(async (folder) => {
      await using system = await JobSystem.start(folder, short ? 2_000_000 : 10_000_000);
      await measure(system, LISTENERS);
      const alone: Run[] = [];
      const watched: Run[] = [];
      for (let round = 0; round < rounds; round += 1) {
        alone.push(await measure(system, 0));
        watched.push(await measure(system, LISTENERS));
      }
      const ratios = watched.map(({ seconds }, i) => seconds / (alone[i]?.seconds ?? Number.NaN));
      const extra = watched.map((run, i) => (run.ofApi - (alone[i]?.ofApi ?? Number.NaN)) / run.ofCalculator);
      const own = watched.map((run) => run.ofListeners / run.ofCalculator);
      return [
        { what: 'run time alone', value: `${median(alone.map(({ seconds }) => seconds)).toFixed(2)} s` },
        {
          what: `run time with ${LISTENERS} listeners, ratio`,
          value: median(ratios).toFixed(3),
          aim: 'no measurable slowdown',
        },
        {
          what: "the Job API's processor time for them, share of the calculator's",
          value: percent(median(extra)),
          aim: 'at most 2 %',
        },
        { what: "the listeners' own processor time, share of the calculator's", value: percent(median(own)) },
      ];
    });
  },
};

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

async function measure(system: JobSystem, listeners: number): Promise<Run> {
  const { api, calculator, client } = system;
  const apiBefore = await api.processorSeconds();
  const calculatorBefore = await calculator.processorSeconds();
  const id = await system.createJob();
  const ofListeners = listeners === 0 ? 0 : await listen(`${api.url}/jobs/${id}/events`, listeners);
  while ((await client.jobStatus(id, { waitSeconds: 10 })).status !== 'completed');
  return {
    seconds: runSeconds(await client.jobStatus(id)),
    ofApi: (await api.processorSeconds()) - apiBefore,
    ofCalculator: (await calculator.processorSeconds()) - calculatorBefore,
    ofListeners,
  };
}

/** Listens until every stream has ended; the processor seconds that it took. */
async function listen(url: string, count: number): Promise<number> {
  const child = fork(PEER, [url, String(count)], { execPath: process.execPath });
  for (;;) {
    const [message] = (await once(child, 'message')) as [{ readonly seconds: number } | 'open'];
    if (message !== 'open') return message.seconds;
  }
}
