import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileDigitSource } from '../file-store/digits/file-digit-source.ts';
import { FileJobStore } from '../file-store/jobs/file-job-store.ts';
import { FileVolume } from '../file-store/volume/file-volume.ts';
import { FileWorkQueue } from '../file-store/work/file-work-queue.ts';
import { FileWorkerSlots } from '../file-store/workers/file-worker-slots.ts';
import { JobObserver } from '../job/job-observer.ts';
import type { JobStoreUnderTest } from '../ports/job-store.contract-suite.ts';
import type { SlotLimits, WorkerSlotsUnderTest } from '../ports/slots-under-test.contract-suite.ts';
import type { WorkerUnderTest, WorkQueueUnderTest } from '../ports/work-queue.contract-suite.ts';

/** A volume of its own that any number of processes would share; it goes with the stack. */
async function sharedVolume(stack: AsyncDisposableStack) {
  const folder = await mkdtemp(join(tmpdir(), 'pi-jobs-'));
  stack.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const open = async (): Promise<FileVolume> => stack.adopt(await FileVolume.open(folder), (v) => v.close());
  const openJobs = async (): Promise<FileJobStore> =>
    stack.adopt(new FileJobStore(await open()), (jobs) => jobs.close());
  return { folder, open, openJobs };
}

/** Two processes' job stores on one volume. */
export async function fileJobs(): Promise<JobStoreUnderTest> {
  const stack = new AsyncDisposableStack();
  const { openJobs } = await sharedVolume(stack);
  const [jobs, other] = [await openJobs(), await openJobs()];
  return { jobs, other, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** A volume, and as many Job APIs and calculators as are asked for. */
export async function fileSlots({
  maxConcurrentJobs,
  ttlSeconds,
}: SlotLimits): Promise<WorkerSlotsUnderTest> {
  const stack = new AsyncDisposableStack();
  const shared = await sharedVolume(stack);
  return {
    async openApi(options = {}) {
      const volume = await shared.open();
      const jobs = stack.adopt(new FileJobStore(volume), (store) => store.close());
      const observer = new JobObserver(jobs);
      const given = { maxConcurrentJobs, ttlSeconds, jobs, observer, ...options };
      const slots = await FileWorkerSlots.open(volume, given);
      stack.defer(() => slots.close());
      return {
        slots,
        jobs,
        seemDead: () => ageLease(shared.folder, slots.processId),
        kill: () => slots.close(),
      };
    },
    openWorker: () => openWorker(stack, shared, maxConcurrentJobs),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** As a lease looks that was not renewed for five seconds. */
async function ageLease(folder: string, processId: string): Promise<void> {
  const past = new Date(Date.now() - 5_000);
  await utimes(`${folder}/state/leases/${processId}.json`, past, past);
}

async function openWorker(
  stack: AsyncDisposableStack,
  { folder, open }: Awaited<ReturnType<typeof sharedVolume>>,
  maxConcurrentJobs: number,
): Promise<WorkerUnderTest> {
  const queue = await FileWorkQueue.open(await open(), { maxConcurrentJobs });
  stack.defer(() => queue.close());
  return { queue, seemDead: () => ageLease(folder, queue.calculator), kill: () => queue.close() };
}

/** A volume and as many calculators as are asked for. */
export async function fileWork(): Promise<WorkQueueUnderTest> {
  const stack = new AsyncDisposableStack();
  const shared = await sharedVolume(stack);
  return {
    jobs: await shared.openJobs(),
    digits: new FileDigitSource(await shared.open()),
    openWorker: () => openWorker(stack, shared, 100),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
