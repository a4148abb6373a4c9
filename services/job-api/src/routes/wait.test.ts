import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger, type RunningServer, startServer } from '@pi-jobs/http-kit';
import request from 'supertest';
import { afterEach, expect, test } from 'vitest';
import { createQueryApp } from '../testing/query-app.ts';

const servers: RunningServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function serve(options: Parameters<typeof createQueryApp>[0]) {
  const queries = createQueryApp(options);
  const server = await startServer({
    app: queries.app,
    port: 0,
    host: '127.0.0.1',
    logger: createLogger({ name: 'queries', level: 'silent' }),
    name: 'queries',
    portVariable: 'PORT',
    shutdownTimeoutMs: 20_000,
    ownsProcess: false,
  });
  servers.push(server);
  return { ...queries, server };
}

const search = (url: string) =>
  fetch(`${url}/api/v1/json`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ action: 'search', term: 'patience' }),
  });

test('the program takes ten seconds', { timeout: 40_000 }, async () => {
  const start = performance.now();
  const answer = await request(createQueryApp().app).get('/wait');
  expect([answer.status, answer.body]).toEqual([200, { waited_seconds: 10 }]);
  expect(performance.now() - start).toBeGreaterThanOrEqual(9_990);
});

test('100 wait at once, and searches are answered meanwhile', { timeout: 60_000 }, async () => {
  const { server, waitRunner } = await serve({ waitSeconds: 1_000 });
  const waits = Array.from({ length: 100 }, () => fetch(`${server.url}/wait`));
  while (waitRunner.running < 100) await sleep(10);
  const searches = await Promise.all(Array.from({ length: 50 }, () => search(server.url)));
  expect(searches.map((answer) => answer.status)).toEqual(Array(50).fill(200));
  expect(waitRunner.running).toBe(100);
  waitRunner.endAll();
  const answers = await Promise.all(waits);
  expect(answers.map((answer) => answer.status)).toEqual(Array(100).fill(503));
});

test('each of 100 who wait is answered when its program has ended', { timeout: 60_000 }, async () => {
  const { server } = await serve({ waitSeconds: 1 });
  const answers = await Promise.all(Array.from({ length: 100 }, () => fetch(`${server.url}/wait`)));
  expect(answers.map((answer) => answer.status)).toEqual(Array(100).fill(200));
});

test('a client who hangs up ends its program', async () => {
  const { server, waitRunner } = await serve({ waitSeconds: 100 });
  const client = new AbortController();
  fetch(`${server.url}/wait`, { signal: client.signal }).catch(() => undefined);
  while (waitRunner.running === 0) await sleep(5);
  client.abort();
  while (waitRunner.running > 0) await sleep(5);
});

test('a stop lets those who wait have their answer', async () => {
  const { server, waitRunner } = await serve({ waitSeconds: 2 });
  const waiting = fetch(`${server.url}/wait`);
  while (waitRunner.running === 0) await sleep(5);
  const stopped = server.stop();
  expect((await waiting).status).toBe(200);
  expect(await stopped).toBe(true);
  expect(await waitRunner.drain(1000)).toEqual({ isClean: true, ended: 0 });
});

test('more than may wait are told to come again', async () => {
  const { app, waitRunner } = createQueryApp({ running: { maxRunning: 1 }, waitSeconds: 100 });
  const busy = waitRunner.run({ program: 'sleep', args: ['100'] });
  const answer = await request(app).get('/wait');
  expect(answer.status).toBe(503);
  expect(answer.body).toMatchObject({ code: 'line_full' });
  expect(answer.headers['retry-after']).toBe('1');
  waitRunner.endAll();
  await busy;
  expect((await request(app).get('/wait')).body).toMatchObject({ status: 503, code: 'shutting_down' });
});

test('a program that is ended by the stop of the server is a 503, one that cannot start a 500', async () => {
  const { app, waitRunner } = createQueryApp({ waitSeconds: 100 });
  const waiting = request(app)
    .get('/wait')
    .then((answer) => answer.status);
  while (waitRunner.running === 0) await sleep(5);
  waitRunner.endAll();
  expect(await waiting).toBe(503);
  const broken = createQueryApp({ running: { env: { PATH: '/nowhere' } } });
  expect((await request(broken.app).get('/wait')).status).toBe(500);
});
