/**
 * The kit against bare Express: `node --conditions=@pi-jobs/source bench/compare-with-express.ts`.
 * The two run in turn, each in a process of its own, so that a change of the machine's load meets both. Requests per second are
 * what counts on an idle machine; CPU time per request says the same on a busy one. Ratios are those of neighbouring runs, above
 * 1 where the kit is faster; the medians are printed.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import autocannon from 'autocannon';

const rounds = 7;
const seconds = 3;

interface Run {
  readonly perSecond: number;
  readonly cpuMicros: number;
}

async function startPeer(file: string): Promise<{ run: () => Promise<Run>; stop: () => void }> {
  const child = fork(new URL(file, import.meta.url), {
    execArgv: ['--conditions=@pi-jobs/source'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [{ url }] = (await once(child, 'message')) as [{ readonly url: string }];
  const readCpu = async (): Promise<number> => {
    child.send('cpu');
    const [{ cpuMicros }] = (await once(child, 'message')) as [{ readonly cpuMicros: number }];
    return cpuMicros;
  };
  return {
    async run() {
      const before = await readCpu();
      const result = await autocannon({
        url: `${url}/jobs`,
        method: 'POST',
        connections: 64,
        duration: seconds,
        headers: { 'content-type': 'application/json' },
        body: '{"num":1000}',
      });
      if (result.non2xx > 0 || result.errors > 0) throw new Error('an answer was no 202');
      const { total } = result.requests;
      return { perSecond: total / result.duration, cpuMicros: ((await readCpu()) - before) / total };
    },
    stop: () => child.kill('SIGTERM'),
  };
}

function median(values: readonly number[]): string {
  return ([...values].sort((a, b) => a - b)[values.length >> 1] ?? 0).toFixed(2);
}

const kit = await startPeer('./kit-service.ts');
const express = await startPeer('./bare-express.ts');
await kit.run();
await express.run();
const speed: number[] = [];
const cpu: number[] = [];
for (let round = 0; round < rounds; round += 1) {
  const ofKit = await kit.run();
  const ofExpress = await express.run();
  speed.push(ofKit.perSecond / ofExpress.perSecond);
  cpu.push(ofExpress.cpuMicros / ofKit.cpuMicros);
  const show = ({ perSecond, cpuMicros }: Run): string =>
    `${perSecond.toFixed(0)}/s ${cpuMicros.toFixed(1)} us CPU`;
  console.log(`kit ${show(ofKit)}, Express ${show(ofExpress)}`);
}
console.log(
  `median ratio ${median(speed)} by speed, ${median(cpu)} by CPU, on ${cpus()[0]?.model}, Node ${process.version}`,
);
kit.stop();
express.stop();
