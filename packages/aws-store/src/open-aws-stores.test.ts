import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openAwsStores } from './open-aws-stores.ts';

it('asks again when a connection falls silent', async () => {
  let requests = 0;
  const server = createServer((_, response) => {
    requests += 1;
    // The first is never answered, as if its connection had died unnoticed.
    if (requests > 1) response.setHeader('Content-Type', 'application/x-amz-json-1.0').end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  vi.stubEnv('AWS_ENDPOINT_URL', endpoint);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
  onTestFinished(() => void vi.unstubAllEnvs());
  const stores = await openAwsStores({ bucket: 'bucket', queueUrl: `${endpoint}/0/queue`, silenceMs: 300 });
  stores.close();
  expect(requests).toBe(3);
});
