import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { InvalidCursorError, type JobStore } from './job-store.ts';
import type { WorkerUnderTest } from './work-queue.contract-suite.ts';
import type { ClaimedJob } from './work-queue.ts';
import { WorkerIdError, type WorkerSlots, WorkerStateError } from './worker-slots.ts';

/** One Job API process. */
export interface ApiUnderTest {
  readonly slots: WorkerSlots;
  readonly jobs: JobStore;
  /** Makes the others take it for dead, as long as it says nothing more; it lives on. */
  seemDead(): Promise<void>;
  /** Ends it without a word. */
  kill(): Promise<void>;
}

export interface WorkerSlotsUnderTest extends AsyncDisposable {
  openApi(options?: { readonly maxConcurrentJobs?: number }): Promise<ApiUnderTest>;
  /** One calculator. */
  openWorker(): Promise<WorkerUnderTest>;
}

export interface SlotLimits {
  readonly maxConcurrentJobs: number;
  readonly ttlSeconds: number;
}

const WAIT = { timeout: 15_000, interval: 50 };
const LONG_WAIT = { timeout: 60_000, interval: 20 };
const upload = { kind: 'upload', filename: 'a.txt', total: 10 } as const;

async function mustReserve(slots: WorkerSlots): Promise<string> {
  const reservation = await slots.reserve();
  if (reservation === undefined) throw new Error('no slot is free');
  return reservation.workerId;
}

/** What every implementation of worker ids does, whatever is behind it. */
export function describeWorkerSlots(
  name: string,
  makeSlots: (limits: SlotLimits) => Promise<WorkerSlotsUnderTest>,
): void {
  const make = (maxConcurrentJobs = 2, ttlSeconds = 300) => makeSlots({ maxConcurrentJobs, ttlSeconds });
  const createJob = (jobs: JobStore, workerId: string) => async () =>
    (await jobs.create({ num: 7, verify: false, workerId })).id;
  /** One after the other. */
  const createMany = async (jobs: JobStore, count: number): Promise<string[]> => {
    const ids: string[] = [];
    while (ids.length < count) ids.push((await jobs.create({ num: 7, verify: false })).id);
    return ids;
  };
  const claim = ({ queue }: WorkerUnderTest) =>
    vi.waitFor(async () => {
      const claimed = await queue.claim();
      if (claimed === undefined) throw new Error('nothing to claim');
      return claimed;
    }, WAIT);

  describe(`worker slots: ${name}`, () => {
    it('are never over-granted, however many ask two instances at once', async () => {
      await using test = await make(5);
      const [a, b] = [await test.openApi(), await test.openApi()];
      const granted = await Promise.all(
        Array.from({ length: 200 }, (_, i) => (i % 2 ? a : b).slots.reserve()),
      );
      const ids = granted.flatMap((one) => one?.workerId ?? []);
      expect(new Set(ids).size).toBe(5);
      expect(ids).toHaveLength(5);
      for (const { slots } of [a, b]) expect(await slots.count()).toEqual({ limit: 5, free: 0 });
    });

    it('are as many as the process that allows the fewest says, for as long as it lives', async () => {
      await using test = await make(3);
      const many = await test.openApi();
      const few = await test.openApi({ maxConcurrentJobs: 1 });
      expect(await many.slots.count()).toEqual({ limit: 1, free: 1 });
      await mustReserve(many.slots);
      expect(await many.slots.reserve()).toBeUndefined();
      await few.kill();
      expect(await many.slots.count()).toEqual({ limit: 3, free: 2 });
      await mustReserve(many.slots);
    });

    it('come back when a reservation expires, which is known of it', async () => {
      await using test = await make(1, 0.3);
      const { slots } = await test.openApi();
      const workerId = await mustReserve(slots);
      await vi.waitFor(async () => expect((await slots.get(workerId))?.state).toBe('expired'), WAIT);
      await expect(slots.check(workerId)).rejects.toThrow(WorkerIdError);
      await expect(slots.useForTransfer(workerId, upload)).rejects.toThrow('expired');
      await mustReserve(slots);
      expect(await slots.get(workerId)).toMatchObject({ state: 'expired' });
    });

    it('come back when a reservation is terminated', async () => {
      await using test = await make(1);
      const { slots } = await test.openApi();
      const workerId = await mustReserve(slots);
      expect(await slots.reserve()).toBeUndefined();
      expect(await slots.command(workerId, 'terminated')).toMatchObject({ state: 'terminated' });
      await mustReserve(slots);
      expect(await slots.get(workerId)).toMatchObject({ state: 'terminated' });
    });

    it('come back when a transfer ends', async () => {
      await using test = await make(1);
      const { slots } = await test.openApi();
      const transfer = await slots.useForTransfer(await mustReserve(slots), upload);
      expect(await slots.reserve()).toBeUndefined();
      await transfer.end('completed');
      await mustReserve(slots);
    });

    it('come back when the process of a transfer dies, and the transfer has failed', async () => {
      await using test = await make(1);
      const [dying, other] = [await test.openApi(), await test.openApi()];
      const workerId = await mustReserve(dying.slots);
      const transfer = await dying.slots.useForTransfer(workerId, upload);
      await transfer.admit();
      transfer.moved(4);
      await vi.waitFor(async () => {
        expect((await other.slots.get(workerId))?.transfer?.bytes).toBe(4);
      }, WAIT);
      expect(await other.slots.reserve()).toBeUndefined();
      await dying.kill();
      expect(await other.slots.get(workerId)).toMatchObject({ state: 'failed' });
      await mustReserve(other.slots);
    });

    it('are given away once: a transfer whose process stood still ends when another has its slot', async () => {
      await using test = await make(1);
      const [slow, other] = [await test.openApi(), await test.openApi()];
      const workerId = await mustReserve(slow.slots);
      const transfer = await slow.slots.useForTransfer(workerId, upload);
      await vi.waitFor(async () => {
        await slow.seemDead();
        expect(await other.slots.reserve()).toBeDefined();
      }, WAIT);
      await vi.waitFor(() => expect(transfer.signal.reason).toMatchObject({ reason: 'lost' }), WAIT);
      await expect(transfer.admit()).rejects.toThrow('lost');
      await transfer.end('completed');
      expect(await other.slots.get(workerId)).toMatchObject({ state: 'failed' });
      expect(await slow.slots.count()).toEqual({ limit: 1, free: 0 });
    });

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

    it.each(['', '..', 'x', '../../jobs', '00000000-0000-4000-8000-000000000000'])(
      'know no worker id %j',
      async (workerId) => {
        await using test = await make();
        const { slots, jobs } = await test.openApi();
        expect(await slots.get(workerId)).toBeUndefined();
        await expect(slots.check(workerId)).rejects.toThrow(WorkerIdError);
        await expect(slots.command(workerId, 'paused')).rejects.toThrow(WorkerIdError);
        await expect(slots.useForTransfer(workerId, upload)).rejects.toThrow(WorkerIdError);
        await expect(slots.useForJob(workerId, createJob(jobs, workerId))).rejects.toThrow(WorkerIdError);
        expect((await jobs.list({ limit: 5 })).jobs).toEqual([]);
      },
    );

    it('let a worker id be used once, by one of many who try at once', async () => {
      await using test = await make();
      const [a, b] = [await test.openApi(), await test.openApi()];
      const workerId = await mustReserve(a.slots);
      const used = await Promise.allSettled(
        Array.from({ length: 10 }, (_, i) => (i % 2 ? a : b).slots.useForTransfer(workerId, upload)),
      );
      const transfers = used.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(transfers).toHaveLength(1);
      await expect(a.slots.check(workerId)).rejects.toThrow('used already');
      await transfers[0]?.end('completed');
      await expect(b.slots.useForTransfer(workerId, upload)).rejects.toThrow('used already');
      expect(await b.slots.get(workerId)).toMatchObject({ state: 'completed', kind: 'upload' });
    });

    it('let a transfer be controlled through every instance, and be ended while it is paused', async () => {
      await using test = await make();
      const [a, b] = [await test.openApi(), await test.openApi()];
      const workerId = await mustReserve(a.slots);
      const transfer = await b.slots.useForTransfer(workerId, upload);
      expect(await a.slots.command(workerId, 'paused')).toMatchObject({ state: 'paused' });
      expect(await a.slots.command(workerId, 'running')).toMatchObject({ state: 'running' });
      await a.slots.command(workerId, 'paused');
      const waiting = expect(transfer.admit()).rejects.toMatchObject({ reason: 'terminate' });
      const terminated = a.slots.command(workerId, 'terminated');
      await waiting;
      await transfer.end('terminated');
      expect(await terminated).toMatchObject({ state: 'terminated' });
    });

    it('say that a reservation can only be terminated', async () => {
      await using test = await make();
      const { slots } = await test.openApi();
      const workerId = await mustReserve(slots);
      await expect(slots.command(workerId, 'paused')).rejects.toThrow(WorkerStateError);
      await expect(slots.command(workerId, 'running')).rejects.toThrow(WorkerStateError);
    });

    it('let no byte of a paused transfer pass, and keep its slot', async () => {
      await using test = await make(1);
      const { slots } = await test.openApi();
      const workerId = await mustReserve(slots);
      const transfer = await slots.useForTransfer(workerId, upload);
      await transfer.admit();
      transfer.moved(4);
      expect(await slots.command(workerId, 'paused')).toMatchObject({ state: 'paused' });
      let isAdmitted = false;
      const admitted = transfer.admit().then(() => {
        isAdmitted = true;
      });
      await sleep(300);
      expect(isAdmitted).toBe(false);
      expect(await slots.reserve()).toBeUndefined();
      expect((await slots.get(workerId))?.transfer).toEqual({ bytes: 4, total: 10, bytesPerSecond: 0 });
      expect(await slots.command(workerId, 'running')).toMatchObject({ state: 'running' });
      await admitted;
      transfer.moved(6);
      await transfer.end('completed');
      expect(await slots.get(workerId)).toMatchObject({ state: 'completed', transfer: { bytes: 10 } });
    });

    it('call a transfer paused only once the chunk on its way has arrived', async () => {
      await using test = await make();
      const { slots } = await test.openApi();
      const workerId = await mustReserve(slots);
      const transfer = await slots.useForTransfer(workerId, upload);
      await transfer.admit();
      const paused = slots.command(workerId, 'paused');
      await sleep(200);
      expect(await slots.get(workerId)).toMatchObject({ state: 'running' });
      transfer.moved(1);
      expect(await paused).toMatchObject({ state: 'paused' });
      await transfer.end('failed');
    });

    it('list transfers newest first, page by page, while they run and after', async () => {
      await using test = await make(3);
      const { slots } = await test.openApi();
      const ids: string[] = [];
      for (const filename of ['a.txt', 'b.txt', 'c.txt']) {
        const workerId = await mustReserve(slots);
        const transfer = await slots.useForTransfer(workerId, { ...upload, filename });
        if (filename !== 'c.txt') await transfer.end('completed');
        ids.unshift(workerId);
        await sleep(2);
      }
      const first = await slots.listTransfers({ kind: 'upload', limit: 2 });
      expect(first.workers.map(({ workerId }) => workerId)).toEqual(ids.slice(0, 2));
      const second = await slots.listTransfers({ kind: 'upload', limit: 2, cursor: first.nextCursor ?? '' });
      expect(second.workers.map(({ workerId }) => workerId)).toEqual(ids.slice(2));
      expect(second.nextCursor).toBeNull();
      await expect(slots.listTransfers({ kind: 'upload', limit: 2, cursor: 'zzz' })).rejects.toThrow(
        InvalidCursorError,
      );
      const running = await slots.listTransfers({ kind: 'upload', limit: 9, state: 'running' });
      expect(running.workers).toHaveLength(1);
      expect((await slots.listTransfers({ kind: 'download', limit: 9 })).workers).toEqual([]);
    });
  });
}
