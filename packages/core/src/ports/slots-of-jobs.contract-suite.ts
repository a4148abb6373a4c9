import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import type { JobStore } from './job-store.ts';
import { createJob, type MakeSlots, mustReserve, upload, WAIT } from './slots-under-test.contract-suite.ts';
import type { WorkerUnderTest } from './work-queue.contract-suite.ts';
import type { ClaimedJob } from './work-queue.ts';

const LONG_WAIT = { timeout: 60_000, interval: 20 };

/** Slots that digit jobs hold, whether a worker id kept one for them or they wait in line. */
export function describeSlotsOfJobs(make: MakeSlots): void {
  it('pass on to the digit job that is made for them, and come back when it ends', async () => {
    await using test = await make(1);
    const { slots, jobs } = await test.openApi();
    const workerId = await mustReserve(slots);
    const jobId = await slots.useForJob(workerId, createJob(jobs, workerId));
    expect(await slots.get(workerId)).toMatchObject({ kind: 'digits', state: 'queued', jobId });
    expect(await slots.reserve()).toBeUndefined();
    const claimed = await claim(await test.openWorker());
    expect(claimed.id).toBe(jobId);
    expect(await slots.get(workerId)).toMatchObject({ state: 'running' });
    expect(await slots.reserve()).toBeUndefined();
    await claimed.fail('enough');
    expect(await slots.get(workerId)).toMatchObject({ state: 'failed', error: 'enough' });
    await mustReserve(slots);
  });

  it('are given back by a digit job that is paused, which then waits for another', async () => {
    await using test = await make(1);
    const { slots, jobs } = await test.openApi();
    const workerId = await mustReserve(slots);
    const jobId = await slots.useForJob(workerId, createJob(jobs, workerId));
    const worker = await test.openWorker();
    const claimed = await claim(worker);
    const paused = slots.command(workerId, 'paused');
    if (!claimed.signal.aborted) {
      await new Promise((resolve) => claimed.signal.addEventListener('abort', resolve));
    }
    await claimed.settle();
    expect(await paused).toMatchObject({ state: 'paused' });
    const other = await mustReserve(slots);
    expect(await slots.command(workerId, 'running')).toMatchObject({ state: 'queued' });
    await sleep(500);
    expect(await worker.queue.claim(), 'the only slot is the other id').toBeUndefined();
    await slots.command(other, 'terminated');
    const again = await claim(worker);
    expect(again.id).toBe(jobId);
    expect(await slots.reserve()).toBeUndefined();
    await again.settle();
  });

  it('say of a digit job whose end is on the way that it can only be ended', async () => {
    await using test = await make(1);
    const { slots, jobs } = await test.openApi();
    const workerId = await mustReserve(slots);
    await slots.useForJob(workerId, createJob(jobs, workerId));
    const claimed = await claim(await test.openWorker());
    const terminated = slots.command(workerId, 'terminated');
    await vi.waitFor(() => expect(claimed.signal.aborted).toBe(true), WAIT);
    await expect(slots.command(workerId, 'paused')).rejects.toMatchObject({ allowed: ['terminated'] });
    await claimed.settle();
    await terminated;
    expect(await slots.get(workerId)).toMatchObject({ state: 'terminated' });
  });

  it('are given back by a digit job that is paused, or terminated, before it began', async () => {
    await using test = await make(1);
    const { slots, jobs } = await test.openApi();
    const paused = await mustReserve(slots);
    await slots.useForJob(paused, createJob(jobs, paused));
    expect(await slots.command(paused, 'paused')).toMatchObject({ state: 'paused' });
    const terminated = await mustReserve(slots);
    await slots.useForJob(terminated, createJob(jobs, terminated));
    expect(await slots.command(terminated, 'terminated')).toMatchObject({ state: 'terminated' });
    await mustReserve(slots);
    expect(await slots.count()).toEqual({ limit: 1, free: 0 });
  });

  it('are taken by jobs from the line while they run, and by nothing of a job that waits', async () => {
    await using test = await make(2);
    const { slots, jobs } = await test.openApi();
    const worker = await test.openWorker();
    const ids = await createMany(jobs, 3);
    const [first, second] = [await claim(worker), await claim(worker)];
    // Both begin at once: which is seen first is chance.
    expect([first.id, second.id].sort()).toEqual(ids.slice(0, 2));
    expect(await slots.count()).toEqual({ limit: 2, free: 0 });
    expect(await slots.reserve()).toBeUndefined();
    await sleep(500);
    expect(await worker.queue.claim(), 'both slots are taken').toBeUndefined();
    await first.fail('enough');
    const third = await claim(worker);
    expect(third.id).toBe(ids[2]);
    expect(await slots.reserve()).toBeUndefined();
    await second.fail('enough');
    await third.fail('enough');
    expect(await slots.count()).toEqual({ limit: 2, free: 2 });
  });

  it('that transfers and unused ids hold make jobs from the line wait, until one comes back', async () => {
    await using test = await make(2);
    const { slots, jobs } = await test.openApi();
    const worker = await test.openWorker();
    const transfer = await slots.useForTransfer(await mustReserve(slots), upload);
    const unused = await mustReserve(slots);
    const [first, second] = await createMany(jobs, 2);
    await sleep(500);
    expect(await worker.queue.claim(), 'both slots are taken').toBeUndefined();
    await transfer.end('completed');
    expect((await claim(worker)).id).toBe(first);
    await slots.command(unused, 'terminated');
    expect((await claim(worker)).id).toBe(second);
    expect(await slots.count()).toEqual({ limit: 2, free: 0 });
  });

  it('are never more than there are, and go to those who wait longest, however many workers ask', async () => {
    await using test = await make(2);
    const { slots, jobs } = await test.openApi();
    const ids = await createMany(jobs, 8);
    const workers = [await test.openWorker(), await test.openWorker(), await test.openWorker()];
    const begun: string[] = [];
    const running: ClaimedJob[] = [];
    await vi.waitFor(async () => {
      for (const { queue } of workers) {
        const claimed = await queue.claim();
        if (claimed === undefined) continue;
        begun.push(claimed.id);
        running.push(claimed);
      }
      const { jobs: all } = await jobs.list({ limit: 20 });
      const count = all.filter(({ state }) => state === 'running').length;
      expect(count).toBeLessThanOrEqual(2);
      expect(running.length).toBeLessThanOrEqual(2);
      if (running.length === 2 || begun.length === 8) await running.shift()?.fail('enough');
      expect(begun.length === 8 && running.length === 0).toBe(true);
    }, LONG_WAIT);
    // Which of the first two is seen first is chance.
    expect(begun.slice(0, 2).sort()).toEqual(ids.slice(0, 2));
    expect(begun.slice(2)).toEqual(ids.slice(2));
    expect(await slots.count()).toEqual({ limit: 2, free: 2 });
  });

  it('come back when the worker of a running job dies, whose job has its place before all that wait', async () => {
    await using test = await make(1);
    const { slots, jobs } = await test.openApi();
    const [first] = await createMany(jobs, 2);
    const dying = await test.openWorker();
    expect((await claim(dying)).id).toBe(first);
    await dying.kill();
    await vi.waitFor(async () => expect((await slots.count()).free).toBe(1), WAIT);
    const other = await mustReserve(slots);
    const worker = await test.openWorker();
    await sleep(500);
    expect(await worker.queue.claim(), 'the only slot is an id').toBeUndefined();
    await slots.command(other, 'terminated');
    expect((await claim(worker)).id).toBe(first);
    expect(await slots.reserve()).toBeUndefined();
  });

  it('are given back by a job that is paused, which goes to the end of the line when it is resumed', async () => {
    await using test = await make(1);
    const { slots, jobs } = await test.openApi();
    const [first = '', second, third] = await createMany(jobs, 3);
    const worker = await test.openWorker();
    const paused = await claim(worker);
    await jobs.command(first, 'paused');
    await worker.queue.checkRequests();
    await vi.waitFor(() => expect(paused.signal.aborted).toBe(true), WAIT);
    await paused.settle();
    await jobs.command(first, 'running');
    for (const id of [second, third, first]) {
      const claimed = await claim(worker);
      expect(claimed.id).toBe(id);
      expect(await slots.count()).toEqual({ limit: 1, free: 0 });
      await claimed.fail('enough');
    }
  });

  it('kept for a digit job let it pass all that wait in line', async () => {
    await using test = await make(1);
    const { slots, jobs } = await test.openApi();
    const workerId = await mustReserve(slots);
    const [first] = await createMany(jobs, 2);
    const worker = await test.openWorker();
    await sleep(500);
    const jobId = await slots.useForJob(workerId, createJob(jobs, workerId));
    const kept = await claim(worker);
    expect(kept.id).toBe(jobId);
    await sleep(500);
    expect(await worker.queue.claim(), 'the only slot is taken').toBeUndefined();
    await kept.fail('enough');
    expect((await claim(worker)).id).toBe(first);
  });

  it('come back when the digit job cannot be created', async () => {
    await using test = await make(1);
    const { slots } = await test.openApi();
    const workerId = await mustReserve(slots);
    const used = slots.useForJob(workerId, () => Promise.reject(new Error('no space')));
    await expect(used).rejects.toThrow('no space');
    await expect(slots.command(workerId, 'paused')).rejects.toMatchObject({ state: 'failed' });
    await mustReserve(slots);
  });
}

/** One after the other. */
async function createMany(jobs: JobStore, count: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) ids.push((await jobs.create({ num: 7, verify: false })).id);
  return ids;
}

function claim({ queue }: WorkerUnderTest): Promise<ClaimedJob> {
  return vi.waitFor(async () => {
    const claimed = await queue.claim();
    if (claimed === undefined) throw new Error('nothing to claim');
    return claimed;
  }, WAIT);
}
