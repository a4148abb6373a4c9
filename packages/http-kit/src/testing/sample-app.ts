import type request from 'supertest';
import { expect } from 'vitest';
import { z } from 'zod';
import { createServiceApp, type ServiceApp, type ServiceAppOptions } from '../app/create-service-app.ts';
import { defineProblems } from '../problems/define-problems.ts';
import { kitProblems } from '../problems/kit-problems.ts';
import { defineRoute } from '../routes/define-route.ts';
import { decimalInteger, integer } from '../schemas/integers.ts';
import { collectLog, type LogLine } from './collect-log.ts';

const Job = z.object({ job_id: z.int(), num: z.int() }).meta({ id: 'Job' });
const own = defineProblems({
  job_not_found: { status: 404, title: 'No such job', meaning: 'The id is none.' },
  job_unfinished: { status: 409, title: 'Not finished', meaning: 'Later.' },
});

export const createJob = defineRoute({
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
export const showJob = defineRoute({
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

export interface SampleApp {
  readonly app: ServiceApp;
  /** What it logs. */
  readonly lines: LogLine[];
}

/** An app with a route of every kind. */
export function makeSampleApp(options: Partial<ServiceAppOptions> = {}): SampleApp {
  const { logger, lines } = collectLog();
  const app = createServiceApp({
    name: 'test',
    title: 'Test',
    description: 'For tests.',
    version: '1.2.3',
    logger,
    problems: own,
    routes: [createJob, showJob, both, file, latest, broken, wrongReply],
    ...options,
  });
  return { app, lines };
}

/** Every problem answer has all of this. */
export function expectProblem(
  response: request.Response,
  status: number,
  code: string,
): Record<string, unknown> {
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
