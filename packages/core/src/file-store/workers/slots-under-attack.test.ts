import { describe, expect, it, onTestFinished } from 'vitest';
import { JobObserver } from '../../job/job-observer.ts';
import { openStore, openVolume, temporaryFolder } from '../../testing/temporary-volume.ts';
import { FileWorkQueue } from '../work/file-work-queue.ts';
import { FileWorkerSlots } from './file-worker-slots.ts';

async function openSystem(maxConcurrentJobs: number) {
  const folder = await temporaryFolder();
  const volume = await openVolume(folder);
  const jobs = openStore(volume);
  const observer = new JobObserver(jobs);
  const slots = await FileWorkerSlots.open(volume, { maxConcurrentJobs, ttlSeconds: 300, jobs, observer });
  onTestFinished(() => slots.close());
  const openQueue = async () => {
    const queue = await FileWorkQueue.open(await openVolume(folder), { maxConcurrentJobs });
    onTestFinished(() => queue.close());
    return queue;
  };
  const createJob = async () => (await jobs.create({ num: 7, verify: false })).id;
  const reserve = async () => {
    const reservation = await slots.reserve();
    if (reservation === undefined) throw new Error('no slot is free');
    return reservation.workerId;
  };
  return { slots, jobs, openQueue, createJob, reserve };
}

describe('a digit job that was paused before it began', () => {
  it('has given its slot away and stands in line for another when it is resumed', async () => {
    const { slots, openQueue, createJob, reserve } = await openSystem(1);
    const first = await reserve();
    const firstJob = await slots.useForJob(first, createJob);
    expect(await slots.command(first, 'paused')).toMatchObject({ state: 'paused' });
    const second = await reserve();
    expect(await slots.command(first, 'running')).toMatchObject({ state: 'queued' });

    const queue = await openQueue();
    expect(await queue.claim(), 'the only slot is the second id').toBeUndefined();
    const secondJob = await slots.useForJob(second, createJob);
    const claim = await queue.claim();
    expect(claim?.id).toBe(secondJob);
    expect(await queue.claim()).toBeUndefined();
    await claim?.fail('to make room');
    expect((await queue.claim())?.id).toBe(firstJob);
  });

  it('gives the slot back for good when it is terminated', async () => {
    const { slots, createJob, reserve } = await openSystem(1);
    const workerId = await reserve();
    await slots.useForJob(workerId, createJob);
    await slots.command(workerId, 'paused');
    expect(await slots.command(workerId, 'terminated')).toMatchObject({ state: 'terminated' });
    await reserve();
    expect(await slots.count()).toEqual({ limit: 1, free: 0 });
  });
});

describe('a command to a worker id whose job is being created', () => {
  it('waits for the job and reaches it', async () => {
    const { slots, jobs, createJob, reserve } = await openSystem(1);
    const workerId = await reserve();
    const { promise: goOn, resolve } = Promise.withResolvers<void>();
    const used = slots.useForJob(workerId, async () => {
      await goOn;
      return createJob();
    });
    const paused = slots.command(workerId, 'paused');
    await new Promise((later) => setTimeout(later, 150));
    resolve();
    expect(await paused).toMatchObject({ state: 'paused' });
    expect(await jobs.get(await used)).toMatchObject({ state: 'paused' });
  });
});

it('a slot that a worker id holds is not given to jobs that wait in line', async () => {
  const { slots, openQueue, createJob, reserve } = await openSystem(1);
  const workerId = await reserve();
  const waiting = await createJob();
  const queue = await openQueue();
  expect(await queue.claim()).toBeUndefined();
  const jobId = await slots.useForJob(workerId, createJob);
  const claim = await queue.claim();
  expect(claim?.id).toBe(jobId);
  expect(await slots.reserve()).toBeUndefined();
  await claim?.fail('to make room');
  expect((await queue.claim())?.id).toBe(waiting);
});

it('a transfer that ends before it could be paused is not told to be paused', async () => {
  const { slots, reserve } = await openSystem(1);
  const workerId = await reserve();
  const transfer = await slots.useForTransfer(workerId, { kind: 'upload', filename: 'a.txt', total: 4 });
  await transfer.admit();
  const paused = slots.command(workerId, 'paused');
  const refused = expect(paused).rejects.toMatchObject({ state: 'completed' });
  await new Promise((later) => setTimeout(later, 100));
  await transfer.end('completed');
  await refused;
});
