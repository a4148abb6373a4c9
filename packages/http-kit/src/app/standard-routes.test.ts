import { Counter, Registry } from 'prom-client';
import request from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LogLine } from '../testing/index.ts';
import { expectProblem, makeSampleApp } from '../testing/sample-app.ts';
import type { ServiceApp, ServiceAppOptions } from './create-service-app.ts';

let app: ServiceApp;
let lines: LogLine[];

function makeApp(options: Partial<ServiceAppOptions> = {}): ServiceApp {
  ({ app, lines } = makeSampleApp(options));
  return app;
}

beforeEach(() => {
  makeApp();
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
