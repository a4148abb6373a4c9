import { expect, it } from 'vitest';
import { temporaryObjects } from '../../testing/temporary-objects.ts';
import { ObjectJobStore } from '../records/object-job-store.ts';
import { MessageSweeper } from './message-sweeper.ts';

const silent = { send: async () => undefined };
const atOnce = { resendAfterMs: 0 };

it('sends the message of a job that has none, once, and those of paused and ended jobs not at all', async () => {
  const { store, queue } = await temporaryObjects();
  const jobs = new ObjectJobStore(store, silent);
  const [lost, paused, ended] = await Promise.all(
    [1, 2, 3].map((num) => jobs.create({ num, verify: false })),
  );
  await jobs.command(paused?.id ?? '', 'paused');
  await jobs.command(ended?.id ?? '', 'terminated');
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await new MessageSweeper(store, queue, atOnce).sweep()).toBe(1);
  const message = await queue.receive({ visibilitySeconds: 1 });
  expect(JSON.parse(message?.body ?? '')).toEqual({ version: 1, kind: 'digits', job_id: lost?.id });
  expect(await new MessageSweeper(store, queue, { resendAfterMs: 60_000 }).sweep()).toBe(0);
});

it('looks again at a job that had not ended', async () => {
  const { store } = await temporaryObjects();
  const jobs = new ObjectJobStore(store, silent);
  await jobs.create({ num: 5, verify: false });
  await new Promise((resolve) => setTimeout(resolve, 5));
  const sweeper = new MessageSweeper(store, silent, atOnce);
  expect([await sweeper.sweep(), await sweeper.sweep(), await sweeper.sweep()]).toEqual([1, 1, 1]);
});

it('sends the messages of all other jobs when a record cannot be read', async () => {
  const { store, queue } = await temporaryObjects();
  const jobs = new ObjectJobStore(store, silent);
  const broken = await jobs.create({ num: 1, verify: false });
  await store.put(`jobs/${broken.id}`, Buffer.from('{"kind":"digits","version":2}\n'), {});
  const lost = await jobs.create({ num: 2, verify: false });
  await new Promise((resolve) => setTimeout(resolve, 5));
  const sweeper = new MessageSweeper(store, queue, atOnce);
  expect(await sweeper.sweep()).toBe(1);
  const message = await queue.receive({ visibilitySeconds: 1 });
  expect(JSON.parse(message?.body ?? '')).toEqual({ version: 1, kind: 'digits', job_id: lost.id });
  expect(await sweeper.sweep()).toBe(1);
});
