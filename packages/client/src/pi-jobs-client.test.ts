import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { LostConnectionError } from './api-error.ts';
import { PiJobsClient } from './pi-jobs-client.ts';

/** A service whose answers begin and do not go on. */
async function startStalling() {
  const answers: ServerResponse[] = [];
  const server = createServer((_, response) => {
    answers.push(response);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('event: status\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new PiJobsClient({ 'job-api': url, 'download-api': url });
  return { answers, client };
}

test.each(['jobStatus', 'followJob'] as const)(
  '%s that the caller breaks off is no lost connection, one that ends is',
  async (call) => {
    const { answers, client } = await startStalling();
    const run = (signal?: AbortSignal): Promise<unknown> => {
      const options = signal === undefined ? {} : { signal };
      return call === 'followJob'
        ? Array.fromAsync(client.followJob('1', options))
        : client.jobStatus('1', options);
    };
    const stop = new AbortController();
    const stopped = expect(run(stop.signal)).rejects.toThrow('enough');
    await expect.poll(() => answers.length).toBe(1);
    stop.abort(new Error('enough'));
    await stopped;
    const lost = expect(run()).rejects.toThrow(LostConnectionError);
    await expect.poll(() => answers.length).toBe(2);
    answers[1]?.destroy();
    await lost;
  },
);
