import { setTimeout as delay } from 'node:timers/promises';
import { JobObserver, type JobStore } from '@pi-jobs/core';
import { createLogger, createServiceApp } from '@pi-jobs/http-kit';
import request from 'supertest';
import { expect, test } from 'vitest';
import { controlJob } from './control-job.ts';

test('a resume that is refused before the store tells of the job ends the request and not the process', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  const jobs: Pick<JobStore, 'command' | 'get'> = {
    command: async () => undefined,
    get: async () => delay(50, undefined),
  };
  const store = jobs as JobStore;
  const app = createServiceApp({
    name: 'test',
    title: 'Test',
    description: 'For a test.',
    version: '1',
    logger: createLogger({ name: 'test', level: 'silent' }),
    routes: controlJob({
      jobs: store,
      images: { get: async () => undefined, terminate: async () => undefined },
      observer: new JobObserver(store),
      notifier: { notify: () => undefined },
    }),
  });
  try {
    expect((await request(app).post('/jobs/7/resume')).status).toBe(404);
    expect(unhandled).toEqual([]);
  } finally {
    process.off('unhandledRejection', note);
  }
});
