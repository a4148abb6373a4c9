import { describe, expect, it, vi } from 'vitest';
import { describeSlotsOfJobs } from './slots-of-jobs.contract-suite.ts';
import { describeSlotsOfTransfers } from './slots-of-transfers.contract-suite.ts';
import {
  createJob,
  type MakeSlots,
  mustReserve,
  type SlotLimits,
  upload,
  WAIT,
  type WorkerSlotsUnderTest,
} from './slots-under-test.contract-suite.ts';
import { WorkerIdError, WorkerStateError } from './worker-slots.ts';

/** What every implementation of worker ids does, whatever is behind it. */
export function describeWorkerSlots(
  name: string,
  makeSlots: (limits: SlotLimits) => Promise<WorkerSlotsUnderTest>,
): void {
  const make: MakeSlots = (maxConcurrentJobs = 2, ttlSeconds = 300) =>
    makeSlots({ maxConcurrentJobs, ttlSeconds });

  describe(`worker slots: ${name}`, () => {
    describeReservations(make);
    describeSlotsOfTransfers(make);
    describeSlotsOfJobs(make);
  });
}

function describeReservations(make: MakeSlots): void {
  it('are never over-granted, however many ask two instances at once', async () => {
    await using test = await make(5);
    const [a, b] = [await test.openApi(), await test.openApi()];
    const granted = await Promise.all(Array.from({ length: 200 }, (_, i) => (i % 2 ? a : b).slots.reserve()));
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

  it('say that a reservation can only be terminated', async () => {
    await using test = await make();
    const { slots } = await test.openApi();
    const workerId = await mustReserve(slots);
    await expect(slots.command(workerId, 'paused')).rejects.toThrow(WorkerStateError);
    await expect(slots.command(workerId, 'running')).rejects.toThrow(WorkerStateError);
  });
}
