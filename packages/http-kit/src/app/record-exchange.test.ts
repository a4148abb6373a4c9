import request from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LogLine } from '../testing/index.ts';
import { makeSampleApp } from '../testing/sample-app.ts';
import type { ServiceApp } from './create-service-app.ts';

let app: ServiceApp;
let lines: LogLine[];

beforeEach(() => {
  ({ app, lines } = makeSampleApp());
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
