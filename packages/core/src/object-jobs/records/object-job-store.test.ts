import { expect, it } from 'vitest';
import { describeJobStore } from '../../ports/job-store.contract-suite.ts';
import { disposableObjects } from '../../testing/disposable-objects.ts';
import { temporaryObjects } from '../../testing/temporary-objects.ts';
import { objectJobs } from '../object-jobs.contract-suite.ts';
import { ObjectJobStore } from './object-job-store.ts';

describeJobStore('objects', async () => objectJobs(await disposableObjects()));

it('lists and counts the others when a record cannot be read, which alone is an error', async () => {
  const { store, queue } = await temporaryObjects();
  const jobs = new ObjectJobStore(store, queue);
  const [one, broken, other] = [
    await jobs.create({ num: 1, verify: false }),
    await jobs.create({ num: 2, verify: false }),
    await jobs.create({ num: 3, verify: false }),
  ];
  await store.put(`jobs/${broken.id}`, Buffer.from('{"kind":"digits","version":2}\n'));
  const { jobs: listed } = await jobs.list({ limit: 10 });
  expect(listed.map(({ id }) => id)).toEqual([other.id, one.id]);
  expect(await jobs.countUnfinished()).toMatchObject({ queued: 2 });
  await expect(jobs.get(broken.id)).rejects.toThrow();
});

it('makes a job although the queue does not take its message: it is on record, and is called when there is a slot', async () => {
  const { store } = await temporaryObjects();
  const jobs = new ObjectJobStore(store, { send: () => Promise.reject(new Error('the queue is away')) });
  const { id, replayed } = await jobs.create({ num: 5, verify: false });
  expect(replayed).toBe(false);
  expect(await jobs.get(id)).toMatchObject({ num: 5, state: 'queued' });
});
