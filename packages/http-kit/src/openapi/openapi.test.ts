import { createHash } from 'node:crypto';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createServiceApp } from '../app/create-service-app.ts';
import { defineProblems } from '../problems/define-problems.ts';
import { kitProblems } from '../problems/kit-problems.ts';
import { defineRoute } from '../routes/define-route.ts';
import { decimalInteger } from '../schemas/integers.ts';
import { collectLog } from '../testing/index.ts';

const Job = z
  .object({ id: z.int(), state: z.enum(['queued', 'done']), error: z.string().optional() })
  .meta({ id: 'Job', description: 'A job <b>as it is</b>.' });
const problems = defineProblems({ job_lost: { status: 410, title: 'Lost', meaning: 'The job is <gone>.' } });

const app = createServiceApp({
  name: 'test',
  title: 'Test & more',
  description: 'For <tests>.',
  version: '1.2.3',
  logger: collectLog().logger,
  problems,
  routes: [
    defineRoute({
      method: 'GET',
      path: '/jobs/:id/files/*rest',
      summary: 'A file of a job',
      description: 'Streams it.',
      tags: ['jobs'],
      params: z.object({ id: decimalInteger({ min: 1 }).describe('Of the job.'), rest: z.string() }),
      query: z.object({ wait: decimalInteger({ min: 0, max: 60 }).default(0), mode: z.enum(['a', 'b']) }),
      headers: z.object({ 'last-event-id': z.string().optional() }),
      responses: {
        200: { description: 'The file.', contentType: 'text/plain', headers: { ETag: 'Of the bytes.' } },
        409: { description: 'Not yet.' },
      },
      async handler({ res }) {
        res.end();
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/jobs',
      summary: 'Create',
      body: {
        json: z.strictObject({ num: z.int().min(1), job: Job.optional() }),
        stream: { contentTypes: ['multipart/form-data'], description: 'A form.' },
      },
      responses: { 202: { description: 'Queued.', schema: z.object({ job: Job, list: z.array(Job) }) } },
      handler: () => ({ status: 202, body: { job: { id: 1, state: 'queued' }, list: [] } }),
    }),
  ],
});

describe('the OpenAPI document', () => {
  it('is served as it is built', async () => {
    const response = await request(app).get('/openapi.json');
    expect(response.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(response.body).toEqual(JSON.parse(JSON.stringify(app.openapi)));
    expect(response.body).toMatchObject({
      openapi: '3.1.1',
      info: { title: 'Test & more', version: '1.2.3' },
    });
  });

  it('has the routes of the service and those of the kit', () => {
    expect(Object.keys(app.openapi.paths)).toEqual([
      '/jobs/{id}/files/{rest}',
      '/jobs',
      '/healthz',
      '/readyz',
      '/metrics',
      '/openapi.json',
      '/docs',
    ]);
  });

  it('describes parameters by what their text stands for', () => {
    expect(app.openapi.paths['/jobs/{id}/files/{rest}']?.['get']?.parameters).toEqual([
      {
        name: 'id',
        in: 'path',
        required: true,
        description: 'Of the job.',
        schema: { type: 'integer', minimum: 1 },
      },
      { name: 'rest', in: 'path', required: true, schema: { type: 'string' } },
      {
        name: 'wait',
        in: 'query',
        required: false,
        schema: { type: 'integer', minimum: 0, maximum: 60, default: 0 },
      },
      { name: 'mode', in: 'query', required: true, schema: { type: 'string', enum: ['a', 'b'] } },
      { name: 'last-event-id', in: 'header', required: false, schema: { type: 'string' } },
    ]);
  });

  it('describes bodies by content type', () => {
    expect(app.openapi.paths['/jobs']?.['post']?.requestBody).toMatchObject({
      required: true,
      content: {
        'application/json': { schema: { additionalProperties: false, required: ['num'] } },
        'multipart/form-data': {},
      },
    });
  });

  it('has each named schema once and refers to it', () => {
    const content = app.openapi.paths['/jobs']?.['post']?.responses['202']?.content;
    expect(content?.['application/json']?.schema).toMatchObject({
      properties: {
        job: { $ref: '#/components/schemas/Job' },
        list: { items: { $ref: '#/components/schemas/Job' } },
      },
    });
    expect(app.openapi.components.schemas['Job']).toMatchObject({
      properties: { id: { type: 'integer' }, state: { enum: ['queued', 'done'] } },
      required: ['id', 'state'],
    });
    expect(Object.keys(app.openapi.components.schemas)).toEqual(['Problem', 'Job']);
  });

  it('has no reference that leads nowhere', () => {
    const references = [...JSON.stringify(app.openapi).matchAll(/"\$ref":"([^"]+)"/g)].map(
      (match) => match[1] ?? '',
    );
    expect(references.length).toBeGreaterThan(5);
    for (const reference of new Set(references)) {
      const name = reference.replace('#/components/schemas/', '');
      expect(Object.keys(app.openapi.components.schemas)).toContain(name);
    }
  });

  it('has the problem answers that were declared and those that the kit gives', () => {
    const responses = app.openapi.paths['/jobs']?.['post']?.responses ?? {};
    expect(Object.keys(responses)).toEqual(['202', '400', '408', '413', '415', '503', 'default']);
    for (const status of ['400', '413', 'default']) {
      expect(responses[status]?.content).toHaveProperty('application/problem+json');
    }
    expect(app.openapi.paths['/jobs/{id}/files/{rest}']?.['get']?.responses['409']?.content).toHaveProperty(
      'application/problem+json',
    );
  });
});

describe('the page of it', () => {
  it('loads nothing and runs nothing', async () => {
    const { text, headers } = await request(app).get('/docs');
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(text).not.toMatch(/<script|<link|<img|src=|@import|url\(|style="| on\w+="/);
    const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers['content-security-policy']).toContain(`style-src 'sha256-${hash}'`);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
  });

  it('shows every route and escapes what it shows', async () => {
    const { text } = await request(app).get('/docs');
    for (const path of Object.keys(app.openapi.paths)) expect(text).toContain(`<code>${path}</code>`);
    expect(text).toContain('Test &amp; more');
    expect(text).toContain('The job is &lt;gone&gt;.');
    expect(text).not.toContain('<b>as it is');
  });

  it('has an entry for the type of every problem, the own ones of the service included', async () => {
    const { text } = await request(app).get('/docs');
    const type = new URL((await request(app).get('/nowhere')).body.type, 'http://host');
    expect(type.pathname).toBe('/docs');
    for (const code of [...Object.keys(kitProblems), 'job_lost', type.hash.slice(1)]) {
      expect(text).toContain(`<tr id="${code}">`);
    }
  });
});
