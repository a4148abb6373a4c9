import type { Request } from 'express';
import request from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ProblemDocument } from '../problems/render-problem.ts';
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
