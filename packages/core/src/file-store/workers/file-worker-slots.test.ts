import { utimes } from 'node:fs/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { JobObserver } from '../../job/job-observer.ts';
import { WorkerIdError, WorkerStateError } from '../../ports/worker-slots.ts';
import { openStore, openVolume, temporaryFolder } from '../../testing/temporary-volume.ts';
import { FileWorkQueue } from '../work/file-work-queue.ts';
import { FileWorkerSlots } from './file-worker-slots.ts';

async function openSystem(maxConcurrentJobs = 2, ttlSeconds = 300) {
  const folder = await temporaryFolder();
  const openSlots = async () => {
    const volume = await openVolume(folder);
    const jobs = openStore(volume);
    const observer = new JobObserver(jobs);
    const slots = await FileWorkerSlots.open(volume, { maxConcurrentJobs, ttlSeconds, jobs, observer });
    onTestFinished(() => slots.close());
    return { slots, jobs, volume };
  };
  const openQueue = async () => {
    const queue = await FileWorkQueue.open(await openVolume(folder), { maxConcurrentJobs });
    onTestFinished(() => queue.close());
    return queue;
  };
  return { folder, openSlots, openQueue, ...(await openSlots()) };
}

async function mustReserve(slots: FileWorkerSlots): Promise<string> {
  const reservation = await slots.reserve();
  if (reservation === undefined) throw new Error('no slot is free');
  return reservation.workerId;
}

const upload = { kind: 'upload', filename: 'a.txt', total: 10 } as const;

describe('slots', () => {
  it('are never over-granted to two instances that are asked at once', async () => {
    const { openSlots, slots } = await openSystem(5);
    const other = (await openSlots()).slots;
    const granted = await Promise.all(
      Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? slots : other).reserve()),
    );
    expect(granted.filter((one) => one !== undefined)).toHaveLength(5);
    expect(await slots.count()).toEqual({ limit: 5, free: 0 });
  });

  it('come back when a reservation expires', async () => {
    const { slots } = await openSystem(1, 0.05);
    const workerId = await mustReserve(slots);
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(await slots.get(workerId)).toMatchObject({ state: 'expired' });
    await expect(slots.check(workerId)).rejects.toThrow(WorkerIdError);
    await mustReserve(slots);
    expect(await slots.get(workerId)).toMatchObject({ state: 'expired' });
  });

  it('come back when the end of their transfer could not be recorded on a full volume, as soon as it can', async () => {
    const { slots, volume } = await openSystem(1);
    const transfer = await slots.useForTransfer(await mustReserve(slots), upload);
    const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    vi.spyOn(volume.workers, 'write').mockRejectedValueOnce(full);
    await transfer.end('failed', 'no space left');
    expect(await slots.reserve()).toBeUndefined();
    await vi.waitFor(async () => expect(await slots.reserve()).toBeDefined());
  });

  it('go with the job that was created while the volume could not record whose it is', async () => {
    const { slots, jobs, volume } = await openSystem(1);
    const workerId = await mustReserve(slots);
    const jobId = await slots.useForJob(workerId, async () => {
      const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
      vi.spyOn(volume.workers, 'write').mockRejectedValueOnce(full);
      return (await jobs.create({ num: 5, verify: false })).id;
    });
    await vi.waitFor(async () => expect(await slots.get(workerId)).toMatchObject({ jobId }));
  });

  it('are given away once: a transfer whose process stood still ends when another has its slot', async () => {
    const { folder, slots, openSlots } = await openSystem(1);
    const other = (await openSlots()).slots;
    const workerId = await mustReserve(slots);
    const transfer = await slots.useForTransfer(workerId, upload);
    const past = new Date(Date.now() - 5_000);
    await vi.waitFor(async () => {
      await utimes(`${folder}/state/leases/${slots.processId}.json`, past, past);
      expect(await other.reserve()).toBeDefined();
    });
    await vi.waitFor(() => expect(transfer.signal.reason).toMatchObject({ reason: 'lost' }));
    await expect(transfer.admit()).rejects.toThrow('lost');
    await transfer.end('completed');
    expect(await other.get(workerId)).toMatchObject({ state: 'failed' });
    expect(await slots.count()).toEqual({ limit: 1, free: 0 });
  });

  it('come back when a reservation is terminated', async () => {
    const { slots } = await openSystem(1);
    const workerId = await mustReserve(slots);
    expect(await slots.reserve()).toBeUndefined();
    expect(await slots.command(workerId, 'terminated')).toMatchObject({ state: 'terminated' });
    await mustReserve(slots);
  });

  it('come back when the process of a transfer dies', async () => {
    const { slots, openSlots } = await openSystem(1);
    const workerId = await mustReserve(slots);
    await slots.useForTransfer(workerId, upload);
    const other = (await openSlots()).slots;
    expect(await other.reserve()).toBeUndefined();
    // The lease of a process that was killed five seconds ago.
    await slots.close();
    expect(await other.get(workerId)).toMatchObject({ state: 'failed' });
    await mustReserve(other);
  });

  it('that a worker id holds are not given to jobs that wait in line', async () => {
    const { slots, jobs, openQueue } = await openSystem(1);
    const workerId = await mustReserve(slots);
    await jobs.create({ num: 5, verify: false });
    const queue = await openQueue();
    expect(await queue.claim()).toBeUndefined();
    const jobId = await slots.useForJob(
      workerId,
      async () => (await jobs.create({ num: 7, verify: false })).id,
    );
    const claim = await queue.claim();
    expect(claim?.id).toBe(jobId);
    expect(await slots.reserve()).toBeUndefined();
    await claim?.settle();
  });

  it('are given back by a digit job that is paused', async () => {
    const { slots, jobs, openQueue } = await openSystem(1);
    const workerId = await mustReserve(slots);
    await slots.useForJob(workerId, async () => (await jobs.create({ num: 7, verify: false })).id);
    const queue = await openQueue();
    const claim = await queue.claim();
    const paused = slots.command(workerId, 'paused');
    await new Promise((resolve) => claim?.signal.addEventListener('abort', resolve));
    await claim?.settle();
    expect(await paused).toMatchObject({ state: 'paused' });
    await mustReserve(slots);
    expect(await slots.command(workerId, 'running')).toMatchObject({ state: 'queued' });
  });
});

describe('a worker id', () => {
  it('is used once', async () => {
    const { slots } = await openSystem();
    const workerId = await mustReserve(slots);
    const transfer = await slots.useForTransfer(workerId, upload);
    await expect(slots.useForTransfer(workerId, upload)).rejects.toThrow('used already');
    await transfer.end('completed');
    await expect(slots.check(workerId)).rejects.toThrow(WorkerIdError);
    expect(await slots.get(workerId)).toMatchObject({ state: 'completed', kind: 'upload' });
  });

  it.each(['', '..', 'x', '../../jobs', '00000000-0000-4000-8000-000000000000'])(
    '%j is none',
    async (workerId) => {
      const { slots } = await openSystem();
      expect(await slots.get(workerId)).toBeUndefined();
      await expect(slots.check(workerId)).rejects.toThrow(WorkerIdError);
      await expect(slots.command(workerId, 'paused')).rejects.toThrow(WorkerIdError);
    },
  );

  it('works on every instance that shares the volume', async () => {
    const { slots, openSlots } = await openSystem();
    const other = (await openSlots()).slots;
    const workerId = await mustReserve(slots);
    const transfer = await other.useForTransfer(workerId, upload);
    expect(await slots.command(workerId, 'paused')).toMatchObject({ state: 'paused' });
    expect(await slots.command(workerId, 'running')).toMatchObject({ state: 'running' });
    await transfer.end('completed');
  });

  it('tells of a reservation that it can only be terminated', async () => {
    const { slots } = await openSystem();
    const workerId = await mustReserve(slots);
    await expect(slots.command(workerId, 'paused')).rejects.toThrow(WorkerStateError);
    await expect(slots.command(workerId, 'running')).rejects.toThrow(WorkerStateError);
  });
});

describe('transfers', () => {
  it('are listed newest first, page by page, while they run and after', async () => {
    const { slots } = await openSystem(3);
    const ids: string[] = [];
    for (const filename of ['a.txt', 'b.txt', 'c.txt']) {
      const workerId = await mustReserve(slots);
      const transfer = await slots.useForTransfer(workerId, { ...upload, filename });
      if (filename !== 'c.txt') await transfer.end('completed');
      ids.unshift(workerId);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const first = await slots.listTransfers({ kind: 'upload', limit: 2 });
    expect(first.workers.map(({ workerId }) => workerId)).toEqual(ids.slice(0, 2));
    const second = await slots.listTransfers({ kind: 'upload', limit: 2, cursor: first.nextCursor ?? '' });
    expect(second.workers.map(({ workerId }) => workerId)).toEqual(ids.slice(2));
    expect(second.nextCursor).toBeNull();
    expect((await slots.listTransfers({ kind: 'upload', limit: 9, state: 'running' })).workers).toHaveLength(
      1,
    );
    expect((await slots.listTransfers({ kind: 'download', limit: 9 })).workers).toEqual([]);
  });
});

describe('a transfer', () => {
  it('moves nothing while it is paused and goes on after', async () => {
    const { slots } = await openSystem();
    const workerId = await mustReserve(slots);
    const transfer = await slots.useForTransfer(workerId, upload);
    await transfer.admit();
    transfer.moved(4);
    expect(await slots.command(workerId, 'paused')).toMatchObject({ state: 'paused' });
    let isAdmitted = false;
    const admitted = transfer.admit().then(() => {
      isAdmitted = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(isAdmitted).toBe(false);
    expect((await slots.get(workerId))?.transfer).toEqual({ bytes: 4, total: 10, bytesPerSecond: 0 });
    expect(await slots.command(workerId, 'running')).toMatchObject({ state: 'running' });
    await admitted;
    transfer.moved(6);
    await transfer.end('completed');
    expect(await slots.get(workerId)).toMatchObject({ state: 'completed', transfer: { bytes: 10 } });
  });

  it('counts as paused only once the chunk on its way has arrived', async () => {
    const { slots } = await openSystem();
    const workerId = await mustReserve(slots);
    const transfer = await slots.useForTransfer(workerId, upload);
    await transfer.admit();
    const paused = slots.command(workerId, 'paused');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await slots.get(workerId)).toMatchObject({ state: 'running' });
    transfer.moved(1);
    expect(await paused).toMatchObject({ state: 'paused' });
    await transfer.end('failed');
  });

  it('is told to end while it is paused', async () => {
    const { slots } = await openSystem();
    const workerId = await mustReserve(slots);
    const transfer = await slots.useForTransfer(workerId, upload);
    await slots.command(workerId, 'paused');
    const waiting = transfer.admit();
    const terminated = slots.command(workerId, 'terminated');
    await expect(waiting).rejects.toMatchObject({ reason: 'terminate' });
    await transfer.end('terminated');
    expect(await terminated).toMatchObject({ state: 'terminated' });
  });

  it('of a dead process is found failed with the bytes it had told of', async () => {
    const { folder, slots, openSlots } = await openSystem();
    const workerId = await mustReserve(slots);
    const transfer = await slots.useForTransfer(workerId, upload);
    await transfer.admit();
    transfer.moved(4);
    await new Promise((resolve) => setTimeout(resolve, 600));
    const past = new Date(Date.now() - 5_000);
    await utimes(`${folder}/state/leases/${slots.processId}.json`, past, past);
    const other = (await openSlots()).slots;
    expect(await other.get(workerId)).toMatchObject({ state: 'failed', transfer: { bytes: 4 } });
    await transfer.end('failed');
  });
});
