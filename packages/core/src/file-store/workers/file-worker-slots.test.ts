import { utimes } from 'node:fs/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { JobObserver } from '../../job/job-observer.ts';
import { openStore, openVolume, temporaryFolder } from '../../testing/temporary-volume.ts';
import { FileWorkerSlots } from './file-worker-slots.ts';

async function openSystem() {
  const folder = await temporaryFolder();
  const openSlots = async () => {
    const volume = await openVolume(folder);
    const jobs = openStore(volume);
    const observer = new JobObserver(jobs);
    const slots = await FileWorkerSlots.open(volume, {
      maxConcurrentJobs: 1,
      ttlSeconds: 300,
      jobs,
      observer,
    });
    onTestFinished(() => slots.close());
    return { slots, jobs, volume };
  };
  return { folder, openSlots, ...(await openSlots()) };
}

async function mustReserve(slots: FileWorkerSlots): Promise<string> {
  const reservation = await slots.reserve();
  if (reservation === undefined) throw new Error('no slot is free');
  return reservation.workerId;
}

const upload = { kind: 'upload', filename: 'a.txt', total: 10 } as const;

it('slots come back when the end of their transfer could not be recorded on a full volume, as soon as it can', async () => {
  const { slots, volume } = await openSystem();
  const transfer = await slots.useForTransfer(await mustReserve(slots), upload);
  const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  vi.spyOn(volume.workers, 'write').mockRejectedValueOnce(full);
  await transfer.end('failed', 'no space left');
  expect(await slots.reserve()).toBeUndefined();
  await vi.waitFor(async () => expect(await slots.reserve()).toBeDefined(), 10_000);
});

it('a slot goes with the job that was created while the volume could not record whose it is', async () => {
  const { slots, jobs, volume } = await openSystem();
  const workerId = await mustReserve(slots);
  const jobId = await slots.useForJob(workerId, async () => {
    const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    vi.spyOn(volume.workers, 'write').mockRejectedValueOnce(full);
    return (await jobs.create({ num: 5, verify: false })).id;
  });
  await vi.waitFor(async () => expect(await slots.get(workerId)).toMatchObject({ jobId }), 10_000);
});

it('a transfer of a dead process is found failed with the bytes it had told of', async () => {
  const { folder, slots, openSlots } = await openSystem();
  const workerId = await mustReserve(slots);
  const transfer = await slots.useForTransfer(workerId, upload);
  await transfer.admit();
  transfer.moved(4);
  const other = (await openSlots()).slots;
  await vi.waitFor(async () => expect((await other.get(workerId))?.transfer?.bytes).toBe(4), 10_000);
  const past = new Date(Date.now() - 5_000);
  await vi.waitFor(async () => {
    await utimes(`${folder}/state/leases/${slots.processId}.json`, past, past);
    expect(await other.get(workerId)).toMatchObject({ state: 'failed', transfer: { bytes: 4 } });
  }, 10_000);
  await transfer.end('failed');
});
