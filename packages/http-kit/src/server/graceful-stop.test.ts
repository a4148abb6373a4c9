import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import {
  openRaw,
  type RawConnection,
  runFile,
  runToEnd,
  type ServiceProcess,
  startProcess,
} from '../testing/index.ts';

const file = new URL('../../fixtures/slow-service.ts', import.meta.url);
const running = new Set<ServiceProcess>();

async function start(env: NodeJS.ProcessEnv = {}): Promise<ServiceProcess> {
  const service = await startProcess(file, { JOB_API_PORT: '0', ...env });
  running.add(service);
  return service;
}

/** Waits for a line of the log, so that a signal meets the request in the handler. */
async function logged(service: ServiceProcess, part: string): Promise<void> {
  while (!service.output().includes(part)) await once(service.child.stdout ?? service.child, 'data');
}

afterEach(() => {
  for (const { child } of running) if (child.exitCode === null) child.kill('SIGKILL');
  running.clear();
});

/** A request that stays in flight until its last byte is sent. */
async function hold(service: ServiceProcess): Promise<RawConnection> {
  const connection = await openRaw(service.port);
  connection.socket.write('POST /held HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n');
  await logged(service, 'held begins');
  return connection;
}

describe('a graceful stop', () => {
  it('finishes the request in flight, closes its connection, runs the hooks in order and exits with 0', async () => {
    const service = await start();
    const answer = fetch(`${service.url}/slow/1500`);
    await logged(service, 'slow begins');
    service.child.kill('SIGTERM');
    const response = await answer;
    expect(response.status).toBe(200);
    expect(response.headers.get('connection')).toBe('close');
    expect(await response.json()).toEqual({ waited: 1500 });
    expect(await service.ended).toBe(0);
    const order = ['got SIGTERM', 'drain hook', '"route":"/slow/:ms"', 'close hook', 'slow-service stopped'];
    // By their times: the lines that the end of the process flushes may overtake a block that is being written.
    const timeOf = (line: string): string => /"time":"([^"]+)"/.exec(line)?.[1] ?? '';
    const lines = service.output().split('\n');
    const log = lines.toSorted((a, b) => timeOf(a).localeCompare(timeOf(b))).join('\n');
    const places = order.map((part) => log.indexOf(part));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
  });

  it('exits with 0 on SIGINT too, at once when nothing is in flight', async () => {
    const service = await start();
    const startedAt = performance.now();
    service.child.kill('SIGINT');
    expect(await service.ended).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it('refuses new work with 503 while it drains, on kept-alive and on new connections, and still answers probes', async () => {
    const service = await start();
    const kept = await hold(service);
    service.child.kill('SIGTERM');
    await logged(service, 'drain hook');

    const refused = await fetch(`${service.url}/slow/0`, { method: 'GET' });
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(refused.headers.get('connection')).toBe('close');
    expect(await refused.json()).toMatchObject({ code: 'shutting_down', success: false, status: 503 });
    const posted = await fetch(`${service.url}/defect/none`, { method: 'POST', body: 'x'.repeat(300_000) });
    expect(posted.status).toBe(503);

    expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${service.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${service.url}/metrics`)).status).toBe(200);

    kept.socket.write('xGET /slow/0 HTTP/1.1\r\nHost: a\r\n\r\n');
    const text = await kept.closed();
    expect(text).toContain('{"held":true}');
    expect(await service.ended).toBe(0);
  });

  it('closes idle kept-alive connections at once, and at the end those that never sent a request', async () => {
    const service = await start();
    const idle = await openRaw(service.port);
    idle.socket.write('GET /slow/0 HTTP/1.1\r\nHost: a\r\n\r\n');
    await idle.receive('{"waited":0}');
    const silent = await openRaw(service.port);
    const held = await hold(service);
    service.child.kill('SIGTERM');
    await idle.closed();
    held.socket.write('x');
    await Promise.all([held.closed(), silent.closed()]);
    expect(await service.ended).toBe(0);
  });

  it('ends streams through the draining signal and closes their connections while others are still at work', async () => {
    const service = await start();
    const held = await hold(service);
    const stream = await openRaw(service.port);
    stream.socket.write('GET /stream HTTP/1.1\r\nHost: a\r\n\r\n');
    await stream.receive('begin');
    service.child.kill('SIGTERM');
    expect(await stream.closed()).toContain('end\n');
    held.socket.write('x');
    expect(await held.closed()).toContain('{"held":true}');
    expect(await service.ended).toBe(0);
  });

  it('cuts what does not finish in time and exits with 1 within the bound', async () => {
    const service = await start({ SHUTDOWN_TIMEOUT_SECONDS: '1' });
    const answer = fetch(`${service.url}/slow/20000`).catch((error: Error) => error.message);
    await logged(service, 'slow begins');
    const startedAt = performance.now();
    service.child.kill('SIGTERM');
    expect(await answer).toBe('fetch failed');
    expect(await service.ended).toBe(1);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(service.output()).toContain('did not drain in time');
    expect(service.output()).toContain('close hook');
  });

  it('takes two signals within a second for one, and ends at once on a later one', async () => {
    const service = await start();
    const answer = fetch(`${service.url}/slow/20000`).catch(() => 'cut');
    await logged(service, 'slow begins');
    service.child.kill('SIGTERM');
    await sleep(100);
    service.child.kill('SIGINT');
    await sleep(1000);
    expect(service.child.exitCode).toBe(null);
    const startedAt = performance.now();
    service.child.kill('SIGTERM');
    expect(await service.ended).toBe(1);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(await answer).toBe('cut');
  });

  for (const [how, message] of [
    ['throw', 'an exception'],
    ['reject', 'a rejection'],
  ]) {
    it(`drains and exits with 1 after ${message} that nobody caught`, async () => {
      const service = await start();
      const slow = fetch(`${service.url}/slow/400`);
      await logged(service, 'slow begins');
      await fetch(`${service.url}/defect/${how}`, { method: 'POST' });
      expect((await slow).status).toBe(200);
      expect(await service.ended).toBe(1);
      expect(service.output()).toContain(`"message":"${message}"`);
    });
  }

  it('exits with 0 on a signal that comes before it listens', async () => {
    const env = { JOB_API_PORT: '0', COMPOSE_SECONDS: '20' };
    const { child, output, ended } = runFile(file, env);
    while (!output().includes('composing')) await once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('exits with 0 on a signal that has come, untold, when it begins to listen', async () => {
    const { child, ended } = runFile(file, { JOB_API_PORT: '0', SIGNAL_AT_LISTENING: 'SIGTERM' });
    onTestFinished(() => void child.kill('SIGKILL'));
    expect(await ended).toBe(0);
  });
});

describe('a start that fails', () => {
  it('says in one line that the port is taken, and exits with 1', async () => {
    const service = await start();
    const { code, errors } = await runToEnd(file, { JOB_API_PORT: String(service.port) });
    expect(code).toBe(1);
    expect(errors).toBe(
      `slow-service cannot start: cannot listen on 127.0.0.1:${service.port}: the port is already in use; set JOB_API_PORT to another port (0 picks a free one)\n`,
    );
  });

  it('names every bad variable in one line, and exits with 1', async () => {
    const { code, errors } = await runToEnd(file, { JOB_API_PORT: '1e3', SHUTDOWN_TIMEOUT_SECONDS: '0' });
    expect(code).toBe(1);
    expect(errors.split('\n')).toHaveLength(2);
    expect(errors).toContain('JOB_API_PORT must be an integer from 0 to 65535, not "1e3"');
    expect(errors).toContain('SHUTDOWN_TIMEOUT_SECONDS must be an integer from 1 to 3600, not "0"');
  });

  it('refuses an address that this machine does not have', async () => {
    const { code, errors } = await runToEnd(file, {
      JOB_API_PORT: '0',
      HOST: '192.0.2.1',
      ALLOW_ANONYMOUS: 'true',
    });
    expect(code).toBe(1);
    expect(errors).toContain('this machine does not have that address');
  });
});

describe('the line that names where a service listens', () => {
  it('is on standard output whatever the log level', async () => {
    const service = await start({ LOG_LEVEL: 'silent' });
    const line = JSON.parse(service.output().trim()) as Record<string, unknown>;
    expect(line['msg']).toBe(`slow-service listening on http://127.0.0.1:${service.port}`);
    expect(line['url']).toBe(service.url);
    service.child.kill('SIGTERM');
    expect(await service.ended).toBe(0);
  });
});
