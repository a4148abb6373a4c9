import type { WorkerSlots } from '@pi-jobs/core';
import { createLogger, createServiceApp } from '@pi-jobs/http-kit';
import request from 'supertest';
import { expect, it } from 'vitest';
import { reserveSlot } from './reserve-slot.ts';

it('tells of a slot that was taken also when the slots that are left cannot be counted', async () => {
  const workerId = '00000000-0000-4000-8000-000000000000';
  const slots: Pick<WorkerSlots, 'reserve' | 'count'> = {
    reserve: async () => ({ workerId, expiresAt: new Date(Date.now() + 300_000).toISOString() }),
    count: () => Promise.reject(new Error('the store is away')),
  };
  const app = createServiceApp({
    name: 'test',
    title: 'Test',
    description: 'For a test.',
    version: '1',
    logger: createLogger({ name: 'test', level: 'silent' }),
    routes: [reserveSlot({ slots: slots as WorkerSlots })],
  });
  const { status, body, headers } = await request(app).get('/new_job');
  expect([status, body.worker_id, headers['ratelimit']]).toEqual([200, workerId, undefined]);
});
