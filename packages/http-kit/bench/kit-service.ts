/** The same route through the kit, with its request ids, metrics and log lines (to standard output, level info). */
import { z } from 'zod';
import { createLogger, createServiceApp, defineRoute, startServer } from '../src/index.ts';
import { createJob } from './create-job-schema.ts';
import './report-cpu.ts';

const name = 'bench';
const logger = createLogger({ name });
const created = z.object({
  success: z.literal(true),
  job_id: z.int(),
  num: z.int(),
  status: z.literal('queued'),
});
const app = createServiceApp({
  name,
  title: name,
  description: 'Measured against a bare Express route.',
  version: '0.0.0',
  logger,
  routes: [
    defineRoute({
      method: 'POST',
      path: '/jobs',
      summary: 'Create a job',
      body: { json: createJob },
      responses: { 202: { description: 'Queued.', schema: created } },
      handler: ({ body }) => ({
        status: 202,
        headers: { Location: '/jobs/1' },
        body: { success: true, job_id: 1, num: body.num, status: 'queued' },
      }),
    }),
  ],
});
await startServer({
  app,
  port: 0,
  host: '127.0.0.1',
  logger,
  name,
  shutdownTimeoutMs: 1000,
});
