import type { Request } from 'express';
import { Counter, Registry } from 'prom-client';
import request from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineProblems } from '../problems/define-problems.ts';
import { kitProblems } from '../problems/kit-problems.ts';
import type { ProblemDocument } from '../problems/render-problem.ts';
import { defineRoute } from '../routes/define-route.ts';
import { decimalInteger, integer } from '../schemas/integers.ts';
import { collectLog, type LogLine } from '../testing/index.ts';
import { createServiceApp, type ServiceApp, type ServiceAppOptions } from './create-service-app.ts';

const Job = z.object({ job_id: z.int(), num: z.int() }).meta({ id: 'Job' });
const own = defineProblems({
  job_not_found: { status: 404, title: 'No such job', meaning: 'The id is none.' },
  job_unfinished: { status: 409, title: 'Not finished', meaning: 'Later.' },
});

const createJob = defineRoute({
  method: 'POST',
  path: '/jobs',
  summary: 'Create a job',
  body: { json: z.strictObject({ num: integer({ min: 1, max: 1000 }) }), limitBytes: 200 },
  headers: z.object({ 'idempotency-key': z.string().max(5).optional() }),
  responses: { 202: { description: 'Queued.', schema: Job, headers: { Location: 'The job.' } } },
  handler: ({ body }) => ({
    status: 202,
    headers: { Location: '/jobs/1' },
    body: { job_id: 1, num: body.num },
  }),
});
const showJob = defineRoute({
  method: 'GET',
  path: '/jobs/:id',
  summary: 'Show a job',
  params: z.object({ id: decimalInteger({ min: 1 }) }),
  query: z.object({ wait: decimalInteger({ min: 0, max: 60 }).default(0) }),
  responses: { 200: { description: 'The job.', schema: Job }, 404: { description: 'No such job.' } },
  handler({ params, query }) {
    if (params.id === 404) throw own.job_not_found('No job has the id 404.');
    if (params.id === 409)
      throw own.job_unfinished('Wait.', { headers: { 'Retry-After': 7 }, members: { left: 3 } });
    if (params.id === 500) throw new Error('cannot read /srv/secret/jobs.txt');
    if (params.id === 503) throw kitProblems.not_ready('Every place is taken.');
    if (params.id === 507) throw Object.assign(new Error('ENOSPC /srv/secret'), { code: 'ENOSPC' });
    return { status: 200, body: { job_id: params.id, num: query.wait } };
  },
});
const both = defineRoute({
  method: 'POST',
  path: '/both',
  summary: 'JSON or multipart',
  body: {
    json: z.object({ a: z.int() }),
    stream: { contentTypes: ['multipart/form-data'], description: 'A form.' },
  },
  responses: { 200: { description: 'What came.', schema: z.object({ kind: z.string(), type: z.string() }) } },
  handler: ({ body, req }) => {
    req.resume();
    return { status: 200, body: { kind: body.kind, type: body.kind === 'stream' ? body.contentType : '' } };
  },
});
const file = defineRoute({
  method: 'GET',
  path: '/files/:name',
  summary: 'A file',
  invalidPathStatus: 400,
  params: z.object({ name: z.string().regex(/^[a-z]+$/, { error: 'must be lower-case letters' }) }),
  responses: { 200: { description: 'The file.', contentType: 'text/plain' } },
  async handler({ params, res }) {
    res.type('text/plain').send(`file ${params.name}`);
  },
});
const latest = defineRoute({
  method: 'GET',
  path: '/files/latest',
  summary: 'The newest file',
  responses: { 204: { description: 'None.' } },
  handler: () => ({ status: 204 }),
});
const broken = defineRoute({
  method: 'GET',
  path: '/broken/:how',
  summary: 'Fails in the middle',
  responses: { 200: { description: 'Text.', contentType: 'text/plain' } },
  async handler({ params, res }) {
    if (params.how === 'nothing') return;
    res.set({ 'Content-Disposition': 'attachment', 'Content-Type': 'text/plain', 'Content-Length': '10' });
    if (params.how === 'half') res.write('half');
    throw new Error('the disk went away');
  },
});
const wrongReply = defineRoute({
  method: 'GET',
  path: '/wrong-reply',
  summary: 'Answers against its schema',
  responses: { 200: { description: 'A number.', schema: z.object({ n: z.number().max(1) }) } },
  handler: () => ({ status: 200, body: { n: 2 } }),
});

let app: ServiceApp;
let lines: LogLine[];

function makeApp(options: Partial<ServiceAppOptions> = {}): ServiceApp {
  const log = collectLog();
  lines = log.lines;
  return createServiceApp({
    name: 'test',
    title: 'Test',
    description: 'For tests.',
    version: '1.2.3',
    logger: log.logger,
    problems: own,
    routes: [createJob, showJob, both, file, latest, broken, wrongReply],
    ...options,
  });
}

beforeEach(() => {
  app = makeApp();
});

/** Every problem answer has all of this. */
function expectProblem(response: request.Response, status: number, code: string): Record<string, unknown> {
  const body = JSON.parse(response.text) as Record<string, unknown>;
  expect(response.status).toBe(status);
  expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(response.headers['x-content-type-options']).toBe('nosniff');
  expect(body).toMatchObject({ type: `/docs#${code}`, status, code, success: false });
  expect(body['title']).toBeTypeOf('string');
  expect(body['error']).toBe(body['detail']);
  expect(body['request_id']).toBe(response.headers['x-request-id']);
  expect(response.text).not.toMatch(/node_modules|\.ts:|\/srv\//);
  return body;
}

const postJson = (path: string, body: string | Buffer) =>
  request(app)
    .post(path)
    .set('Content-Type', 'application/json')
    .send(body as string);

describe('a route', () => {
  it('gives its handler the parsed body and sends the reply as JSON', async () => {
    const response = await request(app).post('/jobs').send({ num: 5 });
    expect(response.status).toBe(202);
    expect(response.headers['location']).toBe('/jobs/1');
    expect(response.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(response.headers['x-powered-by']).toBeUndefined();
    expect(response.body).toEqual({ job_id: 1, num: 5 });
  });

  it('gives its handler parsed path parameters and query', async () => {
    expect((await request(app).get('/jobs/7?wait=9')).body).toEqual({ job_id: 7, num: 9 });
    expect((await request(app).get('/jobs/7')).body).toEqual({ job_id: 7, num: 0 });
  });

  it('answers the same with a slash at the end', async () => {
    expect((await request(app).get('/jobs/7/?wait=9')).body).toEqual({ job_id: 7, num: 9 });
    expect((await request(app).post('/jobs/').send({ num: 5 })).status).toBe(202);
    expect((await request(app).get('/readyz/')).status).toBe(200);
  });

  it('may write the answer itself', async () => {
    const response = await request(app).get('/files/abc');
    expect(response.text).toBe('file abc');
  });

  it('with fixed segments wins over one with parameters, whatever their order', async () => {
    expect((await request(app).get('/files/latest')).status).toBe(204);
  });

  it('takes JSON or a form on one path, by content type', async () => {
    expect((await request(app).post('/both').send({ a: 1 })).body).toEqual({ kind: 'json', type: '' });
    expect((await request(app).post('/both').field('a', 'b')).body).toEqual({
      kind: 'stream',
      type: 'multipart/form-data',
    });
    const other = await request(app).post('/both').type('text/plain').send('a');
    expectProblem(other, 415, 'unsupported_media_type');
    expect(other.headers['accept']).toBe('application/json, multipart/form-data');
  });

  it('serves HEAD like GET without the body', async () => {
    const get = await request(app).get('/jobs/7');
    const head = await request(app).head('/jobs/7');
    expect([head.status, head.text, head.headers['content-length']]).toEqual([
      200,
      undefined,
      get.headers['content-length'],
    ]);
  });
});

describe('bad input', () => {
  const bodies: Record<string, [string, RegExp]> = {
    'a missing field': ['{}', /^num must be an integer from 1 to 1000\.$/],
    'a string': ['{"num":"5"}', /^num must be an integer from 1 to 1000\.$/],
    'a fraction': ['{"num":1.5}', /^num must be an integer from 1 to 1000\.$/],
    'too small': ['{"num":0}', /^num must be an integer from 1 to 1000\.$/],
    'too large': ['{"num":1001}', /^num must be an integer from 1 to 1000\.$/],
    'beyond a double': ['{"num":1e999}', /^num must be an integer from 1 to 1000\.$/],
    null: ['{"num":null}', /^num must be/],
    'an unknown key': ['{"num":1,"x":2}', /^the body must not have the key "x"\.$/],
    'a dangerous key': ['{"num":1,"__proto__":{"x":1}}', /^the body must not have the key "__proto__"\.$/],
    'an array': ['[1]', /^the body must be an object\.$/],
    'a bare number': ['5', /^the body must be an object\.$/],
    'a bare null': ['null', /^the body must be an object\.$/],
  };
  for (const [name, [text, wording]] of Object.entries(bodies)) {
    it(`${name}: 400 that names the field and what it must be`, async () => {
      const body = expectProblem(await postJson('/jobs', text), 400, 'invalid_request');
      expect(body['detail']).toMatch(wording);
    });
  }

  it('lists each error with its place', async () => {
    const body = expectProblem(await postJson('/jobs', '{"num":0,"x":1}'), 400, 'invalid_request');
    expect(body['errors']).toEqual([
      { in: 'body', field: 'num', message: 'num must be an integer from 1 to 1000' },
      { in: 'body', field: '', message: 'the body must not have the key "x"' },
    ]);
  });

  const malformed: Record<string, string> = {
    'an open brace': '{',
    'a trailing comma': '{"num":1,}',
    'two values': '{"num":1}{"num":2}',
    NaN: '{"num":NaN}',
    'a byte order mark inside': '{\ufeff"num":1}',
    nothing: '',
    blanks: '   ',
    'deep nesting': '['.repeat(199),
  };
  for (const [name, text] of Object.entries(malformed)) {
    it(`${name}: 400 malformed JSON`, async () => {
      expectProblem(await postJson('/jobs', text), 400, 'malformed_json');
    });
  }

  it('takes a byte order mark before the JSON', async () => {
    expect((await postJson('/jobs', '\ufeff{"num":5}')).status).toBe(202);
  });

  it('invalid UTF-8: 400', async () => {
    const bytes = Buffer.from('{"num":1,"\xff":1}', 'latin1');
    const response = await request(app)
      .post('/jobs')
      .set('Content-Type', 'application/json')
      .serialize((body) => body as string)
      .send(bytes as unknown as string);
    const body = expectProblem(response, 400, 'malformed_json');
    expect(body['detail']).toContain('UTF-8');
  });

  it('more bytes than the limit: 413, whether the length is announced or not', async () => {
    const text = JSON.stringify({ num: 1, x: 'x'.repeat(300) });
    const body = expectProblem(await postJson('/jobs', text), 413, 'payload_too_large');
    expect(body['limit_bytes']).toBe(200);
    const chunked = request(app).post('/jobs').set('Content-Type', 'application/json');
    chunked.set('Transfer-Encoding', 'chunked').write(text);
    expectProblem(await chunked, 413, 'payload_too_large');
  });

  it('exactly the limit is taken', async () => {
    expect((await postJson('/jobs', '{"num":1}'.padEnd(200))).status).toBe(202);
    expectProblem(await postJson('/jobs', '{"num":1}'.padEnd(201)), 413, 'payload_too_large');
  });

  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonp',
    'nonsense',
    'a/b/c',
  ]) {
    it(`content type ${type}: 415 that names the type to use`, async () => {
      const response = await request(app).post('/jobs').set('Content-Type', type).send('{"num":1}');
      expectProblem(response, 415, 'unsupported_media_type');
      expect(response.headers['accept']).toBe('application/json');
    });
  }

  it('content types with parameters and in capitals are taken, other charsets not', async () => {
    for (const type of [
      'application/json; charset=utf-8',
      'Application/JSON;charset="UTF-8"',
      'application/json;v=1',
    ]) {
      expect((await request(app).post('/jobs').set('Content-Type', type).send('{"num":1}')).status).toBe(202);
    }
    for (const type of ['application/json; charset=utf-16', 'application/json;charset=latin1']) {
      const response = await request(app).post('/jobs').set('Content-Type', type).send('{"num":1}');
      expectProblem(response, 415, 'unsupported_media_type');
    }
  });

  it('a compressed body: 415 that says so', async () => {
    const response = await postJson('/jobs', '{"num":1}').set('Content-Encoding', 'gzip');
    expectProblem(response, 415, 'unsupported_media_type');
    expect(response.headers['accept-encoding']).toBe('identity');
    expect((await postJson('/jobs', '{"num":1}').set('Content-Encoding', 'identity')).status).toBe(202);
  });

  it('no body and no type: 400', async () => {
    expectProblem(await request(app).post('/jobs'), 400, 'malformed_json');
  });

  it('a bad query parameter, also one given twice: 400', async () => {
    for (const query of [
      'wait=61',
      'wait=-1',
      'wait=1.5',
      'wait=',
      'wait=1e1',
      'wait=%201',
      'wait=1&wait=2',
    ]) {
      const body = expectProblem(await request(app).get(`/jobs/7?${query}`), 400, 'invalid_request');
      expect(body['detail']).toBe('query parameter wait must be an integer from 0 to 60.');
    }
  });

  it('a bad header: 400', async () => {
    const response = await request(app).post('/jobs').set('Idempotency-Key', 'toolong').send({ num: 1 });
    const body = expectProblem(response, 400, 'invalid_request');
    expect(body['detail']).toBe('header idempotency-key must have at most 5 characters.');
  });

  it('a path that nothing can have: 404, or 400 where the route says so', async () => {
    for (const id of ['0', '-1', '01', '1.5', 'abc', '1%2f2', '%00', '9'.repeat(30), '%2e%2e']) {
      expectProblem(await request(app).get(`/jobs/${id}`), 404, 'not_found');
    }
    const body = expectProblem(await request(app).get('/files/A..B'), 400, 'invalid_request');
    expect(body['detail']).toBe('path parameter name must be lower-case letters.');
  });

  it('broken percent-encoding in the path: 400', async () => {
    for (const path of ['/jobs/%', '/jobs/%zz', '/%c3%28', '/jobs/%ff']) {
      const body = expectProblem(await request(app).get(path), 400, 'bad_request');
      expect(() => new URL(String(body['instance']), 'http://host')).not.toThrow();
    }
  });
});

describe('routing refusals', () => {
  it('an unknown path: 404', async () => {
    for (const path of ['/', '/nowhere', '/jobs/7/8', '/jobs//', '/JOBS']) {
      expectProblem(await request(app).get(path), 404, 'not_found');
    }
  });

  it('a wrong method: 405 with Allow', async () => {
    const response = await request(app).delete('/jobs/7');
    expectProblem(response, 405, 'method_not_allowed');
    expect(response.headers['allow']).toBe('GET, HEAD, OPTIONS');
    const post = await request(app).put('/jobs').send({});
    expectProblem(post, 405, 'method_not_allowed');
    expect(post.headers['allow']).toBe('POST, OPTIONS');
  });

  it('names the methods of all routes that match', async () => {
    const response = await request(app).post('/files/latest');
    expect(response.headers['allow']).toBe('GET, HEAD, OPTIONS');
  });

  it('OPTIONS: 204 with Allow', async () => {
    const response = await request(app).options('/jobs');
    expect([response.status, response.headers['allow'], response.text]).toEqual([204, 'POST, OPTIONS', '']);
    expectProblem(await request(app).options('/nowhere'), 404, 'not_found');
  });
});

describe('errors', () => {
  it('problems of the service keep their headers and members', async () => {
    const response = await request(app).get('/jobs/409');
    const body = expectProblem(response, 409, 'job_unfinished');
    expect(response.headers['retry-after']).toBe('7');
    expect(body).toMatchObject({ left: 3, detail: 'Wait.', instance: '/jobs/409', title: 'Not finished' });
  });

  it('a defect is a 500 that tells nothing of the host; the log has the stack', async () => {
    const body = expectProblem(await request(app).get('/jobs/500'), 500, 'internal_error');
    expect(body['detail']).not.toContain('secret');
    const line = lines.find((entry) => entry['status'] === 500);
    expect(line).toMatchObject({
      level: 'error',
      request_id: body['request_id'],
      err: { stack: expect.stringContaining('cannot read /srv/secret/jobs.txt') },
    });
  });

  it('a 5xx that is meant is a warning, not an error, in the log', async () => {
    const body = expectProblem(await request(app).get('/jobs/503'), 503, 'not_ready');
    expect(lines.find((entry) => entry['request_id'] === body['request_id'])).toMatchObject({
      level: 'warn',
    });
  });

  it('a full disk is a 507', async () => {
    expectProblem(await request(app).get('/jobs/507'), 507, 'storage_full');
  });

  it('an error before the head is out replaces what the handler had prepared', async () => {
    const response = await request(app).get('/broken/early');
    expectProblem(response, 500, 'internal_error');
    expect(response.headers['content-disposition']).toBeUndefined();
  });

  it('an error in the middle of an answer cuts the connection and is logged', async () => {
    await expect(request(app).get('/broken/half')).rejects.toThrow(/aborted|hang up|ECONNRESET/);
    await expect
      .poll(() => lines.find((entry) => entry['cut_short'] === true))
      .toMatchObject({
        level: 'error',
        err: { message: 'the disk went away' },
      });
  });

  it('a handler that answers nothing is a defect', async () => {
    expectProblem(await request(app).get('/broken/nothing'), 500, 'internal_error');
  });

  it('extendProblem adds members to every problem, also to those of the kit', async () => {
    app = makeApp({
      extendProblem: (req: Request, problem: ProblemDocument) =>
        req.path.startsWith('/jobs') ? { Code: problem.status, message: problem.detail } : undefined,
    });
    expect(expectProblem(await request(app).get('/jobs/404'), 404, 'job_not_found')).toMatchObject({
      Code: 404,
      message: 'No job has the id 404.',
    });
    expect(expectProblem(await request(app).delete('/jobs/4'), 405, 'method_not_allowed')).toHaveProperty(
      'Code',
      405,
    );
    expect(expectProblem(await request(app).get('/x'), 404, 'not_found')).not.toHaveProperty('Code');
  });

  it('an extendProblem that fails cuts the connection instead of hanging', async () => {
    app = makeApp({
      extendProblem: () => {
        throw new Error('defect');
      },
    });
    await expect(request(app).get('/nowhere')).rejects.toThrow();
  });

  it('checkReplies turns a reply against its schema into a 500', async () => {
    expect((await request(app).get('/wrong-reply')).status).toBe(200);
    app = makeApp({ checkReplies: true });
    expectProblem(await request(app).get('/wrong-reply'), 500, 'internal_error');
    expect((await request(app).get('/jobs/7')).status).toBe(200);
  });
});

describe('request ids', () => {
  it('are taken over when sane', async () => {
    for (const id of ['abc', 'A.b_c-1', 'x'.repeat(128)]) {
      const response = await request(app).get('/jobs/7').set('X-Request-Id', id);
      expect(response.headers['x-request-id']).toBe(id);
      expect(lines.at(-1)).toMatchObject({ request_id: id });
    }
  });

  it('are made otherwise', async () => {
    for (const id of ['', 'x'.repeat(129), 'a b', 'a"b', 'ä', '<script>', 'a, b']) {
      const response = await request(app)
        .get('/jobs/7')
        .set('X-Request-Id', Buffer.from(id).toString('latin1'));
      expect(response.headers['x-request-id']).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
    }
  });
});

describe('the log', () => {
  it('has one line a request with the method, route, status and duration, and no query', async () => {
    await request(app).get('/jobs/7?wait=1');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: 'info',
      msg: 'request',
      name: 'test',
      method: 'GET',
      route: '/jobs/:id',
      path: '/jobs/7',
      status: 200,
    });
    expect(lines[0]?.['duration_ms']).toBeTypeOf('number');
    expect(JSON.stringify(lines)).not.toContain('wait');
  });

  it('has refusals at warn and probes at debug', async () => {
    await request(app).get('/nowhere');
    await request(app).get('/healthz');
    await request(app).get('/metrics');
    expect(lines.map((line) => [line['level'], line['route']])).toEqual([
      ['warn', 'unmatched'],
      ['debug', '/healthz'],
      ['debug', '/metrics'],
    ]);
  });
});

describe('probes', () => {
  it('/healthz is 200', async () => {
    expect((await request(app).get('/healthz')).body).toEqual({ status: 'ok' });
  });

  it('are not counted as work', async () => {
    await request(app).get('/healthz');
    expect(app.lifecycle.inFlight).toBe(0);
  });

  it('/readyz names the check that fails, and logs why', async () => {
    app = makeApp({
      readinessChecks: {
        fine: () => undefined,
        volume: () => Promise.reject(new Error('EACCES /srv/secret')),
      },
    });
    const response = await request(app).get('/readyz');
    const body = expectProblem(response, 503, 'not_ready');
    expect(body['failed']).toEqual(['volume']);
    expect(response.headers['retry-after']).toBe('5');
    expect(JSON.stringify(lines)).toContain('EACCES /srv/secret');
  });

  it('/readyz gives a check that hangs two seconds', async () => {
    app = makeApp({ readinessChecks: { volume: () => new Promise(() => undefined) } });
    expectProblem(await request(app).get('/readyz'), 503, 'not_ready');
  });

  it('/readyz is 503 while draining, and so is work, with Retry-After and Connection: close', async () => {
    app.lifecycle.drain();
    expectProblem(await request(app).get('/readyz'), 503, 'shutting_down');
    for (const response of [await request(app).get('/jobs/7'), await request(app).post('/nowhere')]) {
      expectProblem(response, 503, 'shutting_down');
      expect(response.headers['retry-after']).toBe('5');
      expect(response.headers['connection']).toBe('close');
    }
    expect((await request(app).get('/healthz')).status).toBe(200);
  });

  it('/metrics counts requests, errors and durations by route template, and has the metrics of the service', async () => {
    const registry = new Registry();
    const jobs = new Counter({ name: 'jobs_created_total', help: 'Jobs.', registers: [registry] });
    app = makeApp({ registry });
    jobs.inc(3);
    await request(app).get('/jobs/7');
    await request(app).get('/jobs/8');
    await request(app).get('/jobs/500');
    await request(app).get('/nowhere/1');
    const { text, headers } = await request(app).get('/metrics');
    expect(headers['content-type']).toContain('text/plain');
    expect(text).toContain('jobs_created_total 3');
    expect(text).toContain('http_requests_total{method="GET",route="/jobs/:id",status="200"} 2');
    expect(text).toContain('http_requests_total{method="GET",route="unmatched",status="404"} 1');
    expect(text).toContain('http_request_errors_total{method="GET",route="/jobs/:id",status="500"} 1');
    expect(text).toContain(
      'http_request_duration_seconds_bucket{le="+Inf",method="GET",route="/jobs/:id",status="200"} 2',
    );
    expect(text).toContain('http_requests_in_flight 1');
    expect(text).toContain('process_resident_memory_bytes');
  });
});

describe('the kit itself', () => {
  it('refuses two routes for one method and path, and one path under two names', () => {
    expect(() => makeApp({ routes: [createJob, createJob] })).toThrow('POST /jobs is defined twice');
    const renamed = defineRoute({
      method: 'DELETE',
      path: '/jobs/:job',
      summary: '',
      responses: { 204: { description: '' } },
      handler: () => ({ status: 204 }),
    });
    expect(() => makeApp({ routes: [showJob, renamed] })).toThrow('one path under two names');
  });

  it('adds the headers that the service wants on every answer', async () => {
    app = makeApp({ headers: { 'Referrer-Policy': 'no-referrer' } });
    for (const path of ['/jobs/7', '/nowhere', '/healthz']) {
      expect((await request(app).get(path)).headers['referrer-policy']).toBe('no-referrer');
    }
  });

  it('keeps the titles of its own problems distinct from one another', () => {
    const titles = Object.values(kitProblems).map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });
});
