import request from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ServiceApp } from '../app/create-service-app.ts';
import { expectProblem, makeSampleApp } from '../testing/sample-app.ts';

let app: ServiceApp;

beforeEach(() => {
  ({ app } = makeSampleApp());
});

const postJson = (path: string, body: string | Buffer) =>
  request(app)
    .post(path)
    .set('Content-Type', 'application/json')
    .send(body as string);

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
