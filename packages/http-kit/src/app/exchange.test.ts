import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineRoute } from '../routes/define-route.ts';
import { collectLog, openRaw } from '../testing/index.ts';
import { createServiceApp } from './create-service-app.ts';

const { logger, lines } = collectLog();
const events: string[] = [];
let port = 0;

const wait = defineRoute({
  method: 'GET',
  path: '/wait/:when',
  summary: 'Waits for its client to leave',
  responses: { 200: { description: 'Never.', schema: z.object({}) } },
  async handler(context) {
    const { params, log, res } = context;
    events.push(`begun ${params.when}`);
    log.info('waiting');
    if (params.when === 'late') await once(res, 'close');
    const { signal } = context;
    if (!signal.aborted) await once(signal, 'abort');
    events.push(`left ${params.when}`);
    signal.throwIfAborted();
    return { status: 200, body: {} };
  },
});
const quick = defineRoute({
  method: 'GET',
  path: '/quick',
  summary: 'Answers at once',
  responses: { 204: { description: 'Done.' } },
  handler({ signal }) {
    signal.addEventListener('abort', () => events.push('quick aborted'));
    return { status: 204 };
  },
});

const app = createServiceApp({
  name: 'test',
  title: 'Test',
  description: '',
  version: '0',
  logger,
  routes: [wait, quick],
});
const server = createServer(app);

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(() => server.close());

describe("a handler's signal", () => {
  it('aborts when the client goes away, and the request is logged as given up', async () => {
    const connection = await openRaw(port);
    connection.socket.write('GET /wait/early HTTP/1.1\r\nHost: a\r\nX-Request-Id: early\r\n\r\n');
    await expect.poll(() => events).toContain('begun early');
    connection.socket.destroy();
    await expect.poll(() => events).toContain('left early');
    await expect.poll(() => lines.find((line) => line['status'] === 499)).toMatchObject({ cut_short: true });
    expect(app.lifecycle.inFlight).toBe(0);
  });

  it('is aborted already when it is first asked for after that', async () => {
    const connection = await openRaw(port);
    connection.socket.write('GET /wait/late HTTP/1.1\r\nHost: a\r\n\r\n');
    await expect.poll(() => events).toContain('begun late');
    connection.socket.destroy();
    await expect.poll(() => events).toContain('left late');
  });

  it('does not abort after a whole answer', async () => {
    const connection = await openRaw(port);
    connection.socket.write('GET /quick HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await connection.closed();
    await expect.poll(() => lines.find((line) => line['route'] === '/quick')).toBeDefined();
    expect(events).not.toContain('quick aborted');
  });
});

describe("a handler's log", () => {
  it('bears the id of the request', () => {
    expect(lines.find((line) => line['msg'] === 'waiting')).toMatchObject({ request_id: 'early' });
  });
});

describe('a request that waits behind another on its connection', () => {
  it('is counted off when the connection goes away', async () => {
    const connection = await openRaw(port);
    connection.socket.write(
      'GET /wait/first HTTP/1.1\r\nHost: a\r\n\r\nGET /quick HTTP/1.1\r\nHost: a\r\nX-Request-Id: behind\r\n\r\n',
    );
    await expect.poll(() => events).toContain('begun first');
    await expect.poll(() => app.lifecycle.inFlight).toBe(2);
    connection.socket.destroy();
    await expect.poll(() => events).toContain('left first');
    await expect.poll(() => app.lifecycle.inFlight).toBe(0);
    expect(lines.filter((line) => line['request_id'] === 'behind')).toHaveLength(1);
  });
});
