/**
 * Requests per second of the kit as a ratio to bare Express: `node --conditions=@pi-jobs/source bench/compare-with-express.ts`.
 * The two run in turn, each in a process of its own, so that a change of the machine's load meets both; the ratio is that of
 * neighbouring runs and the median is printed.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import autocannon from 'autocannon';

const rounds = 7;
const seconds = 3;

async function startPeer(file: string): Promise<{ url: string; stop: () => void }> {
  const child = fork(new URL(file, import.meta.url), {
    execArgv: ['--conditions=@pi-jobs/source'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [message] = (await once(child, 'message')) as [{ readonly url: string }];
  return { url: message.url, stop: () => child.kill('SIGTERM') };
}

async function requestsPerSecond(url: string): Promise<number> {
  const result = await autocannon({
    url: `${url}/jobs`,
    method: 'POST',
    connections: 64,
    duration: seconds,
    headers: { 'content-type': 'application/json' },
    body: '{"num":1000}',
  });
  if (result.non2xx > 0 || result.errors > 0) throw new Error('an answer was no 202');
  return result.requests.total / result.duration;
}

const kit = await startPeer('./kit-service.ts');
const express = await startPeer('./bare-express.ts');
await requestsPerSecond(kit.url);
await requestsPerSecond(express.url);
const ratios: number[] = [];
for (let round = 0; round < rounds; round += 1) {
  const ofKit = await requestsPerSecond(kit.url);
  const ofExpress = await requestsPerSecond(express.url);
  ratios.push(ofKit / ofExpress);
  console.log(
    `kit ${ofKit.toFixed(0)}/s, Express ${ofExpress.toFixed(0)}/s, ratio ${(ofKit / ofExpress).toFixed(2)}`,
  );
}
ratios.sort((a, b) => a - b);
console.log(
  `median ratio ${ratios[rounds >> 1]?.toFixed(2)} on ${cpus()[0]?.model}, Node ${process.version}`,
);
kit.stop();
express.stop();
