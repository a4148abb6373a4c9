import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorTable } from '@pi-jobs/dictionary';
import { createLogger, startServer } from '@pi-jobs/http-kit';
import request from 'supertest';
import { describe, expect, test } from 'vitest';
import { queryExamples } from '../dictionary/query-examples.ts';
import { createQueryApp } from '../testing/query-app.ts';

const path = '/api/v1/json';
const { app } = createQueryApp();

describe('the examples of the instructions', () => {
  test.each(queryExamples)('$title', async (example) => {
    const answer = await request(app).post(path).set('Host', 'localhost:5000').send(example.request);
    expect(answer.status).toBe(example.status);
    if (example.isExcerpt) answer.body.results.splice(2);
    if (example.status === 200) expect(answer.body).toEqual(example.answer);
    else expect(answer.body).toMatchObject(example.answer);
  });
});

test('every line of a dictionary comes on request', async () => {
  const { body } = await request(app).post(path).send({ action: 'all' });
  expect(body['nr of entries']).toBe(body.results.length);
  expect(body.results.length).toBeGreaterThan(300);
  expect(body.truncated).toBe(false);
});

/** One request for each row of the table that forces it. */
const forced: Readonly<Record<keyof typeof errorTable, () => Promise<request.Response> | request.Test>> = {
  invalid_query: () => request(app).post(path).send({ action: 'search' }),
  query_failed: () => request(app).post(path).send({ action: 'list', folder: 'nowhere' }),
  not_found: () => request(app).get('/api/v1/nowhere'),
  method_not_allowed: () => request(app).get(path),
  payload_too_large: () =>
    request(app)
      .post(path)
      .send({ action: 'search', term: 'x'.repeat(1_000_000) }),
  unsupported_media_type: () => request(app).post(path).type('text/plain').send('pi'),
  internal_error: () =>
    request(createQueryApp({ running: { env: { PATH: '/nowhere' } } }).app)
      .post(path)
      .send({ action: 'all' }),
  action_not_implemented: () => request(app).post(path).send({ action: 'translate' }),
  line_full: async () => {
    const busy = createQueryApp({ running: { maxRunning: 1, maxWaiting: 0 } });
    const run = busy.runner.run({ program: 'sleep', args: ['100'] });
    const answer = await request(busy.app).post(path).send({ action: 'all' });
    busy.runner.endAll();
    await run;
    return answer;
  },
  shutting_down: async () => {
    const stopping = createQueryApp();
    await stopping.runner.drain(1000);
    return request(stopping.app).post(path).send({ action: 'all' });
  },
};

describe('every error of the table', () => {
  test.each(Object.entries(forced))(
    '%s is a problem with a Code, a message and the way to the instructions',
    async (kind, force) => {
      const { status, meaning } = errorTable[kind as keyof typeof errorTable];
      const answer = await force();
      expect(answer.status).toBe(status);
      expect(answer.type).toBe('application/problem+json');
      expect(answer.body).toMatchObject({ code: kind, status, success: false, Code: status });
      expect(answer.body.message).toContain(answer.body.detail);
      expect(answer.body.message).toContain(meaning);
      expect(answer.body.message).toMatch(/ Instructions: http:\/\/127\.0\.0\.1:\d+\/api\/v1$/);
      expect(JSON.stringify(answer.body)).not.toMatch(/\/(tmp|usr|home|root|work|dictionaries)\b|grep|stack/);
      if (status === 405) expect(answer.headers['allow']).toContain('POST');
      if (status === 503) expect(answer.headers['retry-after']).toBe('1');
    },
  );
});

test('a body that is no JSON is the client’s fault', async () => {
  for (const body of ['', '{"action":', 'null', '[]', '"all"', '{"action":"all","action2":1}']) {
    const answer = await request(app).post(path).type('json').send(body);
    expect([body, answer.status, answer.body.Code]).toEqual([body, 400, 400]);
  }
});

test('outside of /api an error has no Code', async () => {
  const { body } = await request(app).get('/apiary');
  expect(body).not.toHaveProperty('Code');
});

test('a host that is none is not repeated in the link', async () => {
  const { body } = await request(app).get('/api/v1/x').set('Host', 'a"b<c>');
  expect(body.message ?? '').not.toContain('<c>');
});

test('a client who hangs up ends its search', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'queries-'));
  writeFileSync(join(dir, 'quotes.txt'), 'a line that is long enough to take a while\n'.repeat(2_000_000));
  const { app: slow, runner } = createQueryApp({ dir });
  const logger = createLogger({ name: 'queries', level: 'silent' });
  const server = await startServer({
    app: slow,
    port: 0,
    host: '127.0.0.1',
    logger,
    name: 'queries',
    portVariable: 'PORT',
    shutdownTimeoutMs: 5000,
    ownsProcess: false,
  });
  try {
    const client = new AbortController();
    const answer = fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ action: 'search', term: '[^x]{255}', regex: true }),
      signal: client.signal,
    });
    answer.catch(() => undefined);
    while (runner.running === 0) await sleep(5);
    client.abort();
    const start = performance.now();
    while (runner.running > 0) await sleep(5);
    expect(performance.now() - start).toBeLessThan(5_000);
    await expect(answer).rejects.toThrow();
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true });
  }
});
