import request from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import { kitProblems } from '../problems/kit-problems.ts';
import { defineRoute } from '../routes/define-route.ts';
import { createJob, expectProblem, makeSampleApp, showJob } from '../testing/sample-app.ts';
import type { ServiceApp, ServiceAppOptions } from './create-service-app.ts';

let app: ServiceApp;

function makeApp(options: Partial<ServiceAppOptions> = {}): ServiceApp {
  ({ app } = makeSampleApp(options));
  return app;
}

beforeEach(() => {
  makeApp();
});

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
