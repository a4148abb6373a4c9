import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createServiceApp } from '../app/create-service-app.ts';
import { defineRoute } from '../routes/define-route.ts';
import { collectLog, openRaw, sendRaw } from '../testing/index.ts';
import { type RunningServer, startServer } from './start-server.ts';

const { logger, lines } = collectLog();
let running: RunningServer;

const echo = defineRoute({
  method: 'POST',
  path: '/echo',
  summary: 'Answers what it got',
  body: { json: z.object({ text: z.string() }), limitBytes: 1000 },
  responses: { 200: { description: 'The same.', schema: z.object({ text: z.string() }) } },
  handler: ({ body }) => ({ status: 200, body }),
});
const slowUpload = defineRoute({
  method: 'POST',
  path: '/upload',
  summary: 'Counts bytes, or refuses them after the first',
  query: z.object({ refuse: z.string().optional() }),
  body: { stream: { description: 'Anything.' } },
  responses: { 200: { description: 'Counted.', schema: z.object({ bytes: z.int() }) } },
  async handler({ req, query }) {
    let bytes = 0;
    for await (const chunk of req.iterator({ destroyOnReturn: false })) {
      bytes += (chunk as Buffer).length;
      if (query.refuse !== undefined) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    }
    return { status: 200, body: { bytes } };
  },
});

beforeAll(async () => {
  const app = createServiceApp({
    name: 'test',
    title: 'Test',
    description: 'For tests.',
    version: '0.0.0',
    logger,
    routes: [echo, slowUpload],
  });
  running = await startServer({
    app,
    name: 'test',
    logger,
    host: '127.0.0.1',
    port: 0,
    shutdownTimeoutMs: 1000,
    ownsProcess: false,
    headersTimeoutMs: 400,
  });
});
afterAll(() => running.stop());

interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

function parseAnswer(text: string): RawAnswer {
  const [head = '', body = ''] = text.split('\r\n\r\n');
  const [first = '', ...fields] = head.split('\r\n');
  const headers = Object.fromEntries(
    fields.map((field) => [
      field.slice(0, field.indexOf(':')).toLowerCase(),
      field.slice(field.indexOf(':') + 2),
    ]),
  );
  return { status: Number(first.split(' ')[1]), headers, body: JSON.parse(body) as RawAnswer['body'] };
}

async function refusal(text: string): Promise<RawAnswer> {
  return parseAnswer(await sendRaw(running.port, text));
}

function expectProblem(answer: RawAnswer, status: number, code: string): void {
  expect(answer.status).toBe(status);
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(answer.headers['connection']).toBe('close');
  expect(answer.headers['x-content-type-options']).toBe('nosniff');
  expect(answer.body).toMatchObject({
    status,
    code,
    type: `/docs#${code}`,
    success: false,
    error: answer.body['detail'],
    request_id: answer.headers['x-request-id'],
  });
  expect(answer.body['instance']).toBeTypeOf('string');
}

describe('what the HTTP parser refuses is answered with a problem', () => {
  const malformed: Record<string, string> = {
    'a line that is no request': 'hello\r\n\r\n',
    'a binary protocol': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'a method that does not exist': 'FETCH / HTTP/1.1\r\nHost: a\r\n\r\n',
    'a header without a colon': 'GET / HTTP/1.1\r\nHost: a\r\nbroken\r\n\r\n',
    'two different lengths':
      'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    'a length that is no number': 'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n',
    'a length beside chunks':
      'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'an unknown transfer coding': 'POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n',
  };
  for (const [name, text] of Object.entries(malformed)) {
    it(`400 for ${name}`, async () => {
      const answer = await refusal(text);
      expectProblem(answer, 400, 'bad_request');
      expect(lines.some((line) => line['request_id'] === answer.body['request_id'])).toBe(true);
    });
  }

  it('431 for headers of more than 16 KiB', async () => {
    const answer = await refusal(`GET / HTTP/1.1\r\nHost: a\r\nCookie: ${'x'.repeat(20_000)}\r\n\r\n`);
    expectProblem(answer, 431, 'headers_too_large');
  });

  it('431 for a path of more than 16 KiB', async () => {
    expectProblem(
      await refusal(`GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`),
      431,
      'headers_too_large',
    );
  });

  it('413 for endless chunk extensions', async () => {
    const text = `POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const connection = await openRaw(running.port);
    connection.socket.write(`${text}1;${'x'.repeat(20_000)}\r\na\r\n`);
    // The handler is already reading the body: the answer is the parser's, or the connection is cut.
    const received = await connection.closed();
    if (received !== '') expectProblem(parseAnswer(received), 413, 'payload_too_large');
  });

  it('408 for a head that does not arrive in time', async () => {
    expectProblem(await refusal('GET / HTTP/1.1\r\nHost: a\r\nX-Slow'), 408, 'request_timeout');
  });

  it('once, however much more of it arrives, and without a reset that overtakes the answer', async () => {
    const connection = await openRaw(running.port, { allowHalfOpen: true });
    for (let sent = 0; sent < 10; sent += 1) {
      connection.socket.write('garbage\r\n\r\n');
      await sleep(20);
    }
    connection.socket.end();
    expectProblem(parseAnswer(await connection.closed()), 400, 'bad_request');
    expect(connection.errors).toEqual([]);
  });

  it('405 for a tunnel', async () => {
    expectProblem(await refusal('CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n'), 405, 'method_not_allowed');
  });
});

describe('what Node would refuse with an empty answer is answered with a problem', () => {
  const close = 'Connection: close\r\n';

  it('400 for a missing Host', async () => {
    expectProblem(await refusal(`GET /healthz HTTP/1.1\r\n${close}\r\n`), 400, 'bad_request');
    expectProblem(await refusal(`GET /nowhere HTTP/1.1\r\n${close}\r\n`), 400, 'bad_request');
  });

  it('400 for two of them, even where they agree', async () => {
    const hosts = 'Host: a\r\nHOST: a\r\n';
    expectProblem(await refusal(`GET /healthz HTTP/1.1\r\n${hosts}${close}\r\n`), 400, 'bad_request');
  });

  it('but HTTP/1.0 needs none', async () => {
    expect(await sendRaw(running.port, 'GET /healthz HTTP/1.0\r\n\r\n')).toContain('{"status":"ok"}');
  });

  it('417 for an unknown expectation', async () => {
    const answer = await refusal(`GET /healthz HTTP/1.1\r\nHost: a\r\nExpect: magic\r\n${close}\r\n`);
    expectProblem(answer, 417, 'expectation_failed');
  });

  it('400 for targets that are no path', async () => {
    for (const target of ['ftp://a/b', 'http://', '*']) {
      const answer = await refusal(`GET ${target} HTTP/1.1\r\nHost: a\r\n${close}\r\n`);
      expectProblem(answer, 400, 'bad_request');
    }
  });

  it('404 for odd paths', async () => {
    for (const target of [
      '//',
      '///etc/passwd',
      '/../../etc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/?a=b?c',
      '/;x',
    ]) {
      const answer = await refusal(`GET ${target} HTTP/1.1\r\nHost: a\r\n${close}\r\n`);
      expectProblem(answer, 404, 'not_found');
    }
  });

  it('takes whole URLs as proxies send them, and OPTIONS *', async () => {
    const whole = await sendRaw(running.port, `GET http://a/healthz?x HTTP/1.1\r\nHost: a\r\n${close}\r\n`);
    expect(whole).toContain('{"status":"ok"}');
    const options = await sendRaw(running.port, `OPTIONS * HTTP/1.1\r\nHost: a\r\n${close}\r\n`);
    expect(options).toMatch(/^HTTP\/1\.1 204 /);
    expect(options).toContain('Allow: GET, HEAD, POST');
  });
});

describe('a body that does not end as announced', () => {
  const head = (length: number): string =>
    `POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;

  it('is forgotten when the client hangs up, and logged as given up', async () => {
    const connection = await openRaw(running.port);
    connection.socket.write(`${head(100)}{"text":`);
    await sleep(50);
    const before = lines.length;
    connection.socket.destroy();
    while (!lines.slice(before).some((line) => line['status'] === 499)) await sleep(10);
    const line = lines.slice(before).find((entry) => entry['status'] === 499);
    expect(line).toMatchObject({ level: 'info', route: '/echo', cut_short: true });
    expect(line).not.toHaveProperty('err');
    expect(running.server.listening).toBe(true);
  });

  it('never gets an answer meant for a whole request when the client closes its side only', async () => {
    const connection = await openRaw(running.port);
    connection.socket.end(`${head(100)}{"text":"a"}`);
    const received = await connection.closed();
    if (received !== '') expect(parseAnswer(received).status).toBe(400);
  });

  it('longer than announced: the first request is answered, then the rest is refused as no request', async () => {
    const received = await sendRaw(running.port, `${head(12)}{"text":"a"}garbage\r\n\r\n`);
    const [first = '', second = ''] = received.split(/(?=HTTP\/1\.1 400)/);
    expect(first).toMatch(/^HTTP\/1\.1 200 /);
    expectProblem(parseAnswer(second), 400, 'bad_request');
  });
});

describe('a refused body that is still on its way', () => {
  it('does not keep the client from reading the 413', async () => {
    const response = await fetch(`${running.url}/echo`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: 'x'.repeat(5_000_000),
    });
    expect(response.status).toBe(413);
    expect(response.headers.get('connection')).toBe('close');
    expect(await response.json()).toMatchObject({ code: 'payload_too_large', limit_bytes: 1000 });
  });

  it('is read to its end, so that no reset overtakes the answer', async () => {
    const connection = await openRaw(running.port, { allowHalfOpen: true });
    const piece = 'x'.repeat(100_000);
    connection.socket.write(
      'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n',
    );
    for (let sent = 0; sent < 10; sent += 1) {
      connection.socket.write(piece);
      await sleep(20);
    }
    connection.socket.end();
    expect(parseAnswer(await connection.closed()).status).toBe(413);
    expect(connection.errors).toEqual([]);
  });

  it('gets its 413 before the body was sent at all', async () => {
    const connection = await openRaw(running.port);
    connection.socket.write(
      'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9000000000\r\n\r\n',
    );
    await connection.receive('payload_too_large');
    connection.socket.end();
    await connection.closed();
  });

  it('is cut off some seconds later when the client goes on sending', async () => {
    const connection = await openRaw(running.port);
    connection.socket.write(
      'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
    const startedAt = performance.now();
    const timer = setInterval(() => connection.socket.write(`7d0\r\n${'x'.repeat(2000)}\r\n`), 50);
    const received = await connection.closed();
    clearInterval(timer);
    expect(parseAnswer(received).status).toBe(413);
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  });

  it('leaves the connection usable when the body is small', async () => {
    const connection = await openRaw(running.port);
    const body = 'x'.repeat(2000);
    connection.socket.write(
      `POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n`,
    );
    await connection.receive('not_found');
    await connection.receive('{"status":"ok"}');
    connection.socket.destroy();
  });

  it('gets the answer to an error in the middle of a stream', async () => {
    const response = await fetch(`${running.url}/upload?refuse=1`, {
      method: 'POST',
      body: 'x'.repeat(8_000_000),
    });
    expect(response.status).toBe(507);
    expect(await response.json()).toMatchObject({
      code: 'storage_full',
      detail: 'The volume has no room left.',
    });
  });
});

describe('slow transfers', () => {
  it('are not cut by the time limit of the head', async () => {
    const connection = await openRaw(running.port);
    connection.socket.write(
      'POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\na',
    );
    await sleep(1500);
    connection.socket.write('b');
    expect(await connection.closed()).toContain('{"bytes":2}');
  });

  it('have no limit of their own in the server', () => {
    expect(running.server.requestTimeout).toBe(0);
    expect(running.server.timeout).toBe(0);
    expect(running.server.keepAliveTimeout).toBe(65_000);
  });
});

describe('starting', () => {
  it('answers 503 to work and readiness until the start hooks are done, and 200 to health', async () => {
    const port = await freePort();
    const app = createServiceApp({
      name: 't',
      title: 'T',
      description: '',
      version: '0',
      logger,
      routes: [echo],
    });
    const { promise: hook, resolve: finish } = Promise.withResolvers<void>();
    const started = startServer({
      app,
      name: 't',
      logger,
      host: '127.0.0.1',
      port,
      shutdownTimeoutMs: 500,
      ownsProcess: false,
      onStart: [() => hook],
    });
    const url = `http://127.0.0.1:${port}`;
    await openRaw(port).then(({ socket }) => socket.destroy());
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const readiness = await fetch(`${url}/readyz`);
    expect([readiness.status, readiness.headers.get('retry-after')]).toEqual([503, '1']);
    const work = await fetch(`${url}/echo`, { method: 'POST' });
    expect([work.status, await work.json()]).toMatchObject([503, { code: 'not_ready' }]);
    finish();
    const server = await started;
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    await server.stop();
  });

  it('gives the port back when a start hook fails', async () => {
    const port = await freePort();
    const app = createServiceApp({
      name: 't',
      title: 'T',
      description: '',
      version: '0',
      logger,
      routes: [],
    });
    const options = {
      app,
      name: 't',
      logger,
      host: '127.0.0.1',
      port,
      shutdownTimeoutMs: 500,
      ownsProcess: false,
    };
    await expect(
      startServer({ ...options, onStart: [() => Promise.reject(new Error('no ledger'))] }),
    ).rejects.toThrow('no ledger');
    await expect(openRaw(port)).rejects.toThrow('ECONNREFUSED');
  });
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
