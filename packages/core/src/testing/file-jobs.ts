import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileDigitSource } from '../file-store/digits/file-digit-source.ts';
import { FileJobStore } from '../file-store/jobs/file-job-store.ts';
import { FileVolume } from '../file-store/volume/file-volume.ts';
import { FileWorkQueue } from '../file-store/work/file-work-queue.ts';
import type { JobStoreUnderTest } from '../ports/job-store.contract-suite.ts';
import type { WorkerUnderTest, WorkQueueUnderTest } from '../ports/work-queue.contract-suite.ts';

/** A volume of its own that any number of processes would share; it goes with the stack. */
async function sharedVolume(stack: AsyncDisposableStack) {
  const folder = await mkdtemp(join(tmpdir(), 'pi-jobs-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
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

/** A volume and as many calculators as are asked for. */
export async function fileWork(): Promise<WorkQueueUnderTest> {
  const stack = new AsyncDisposableStack();
  const { folder, open, openJobs } = await sharedVolume(stack);
  const openWorker = async (): Promise<WorkerUnderTest> => {
    const queue = await FileWorkQueue.open(await open(), { maxConcurrentJobs: 100 });
    stack.defer(() => queue.close());
    // As a lease looks that was not renewed for five seconds.
    const seemDead = async (): Promise<void> => {
      const past = new Date(Date.now() - 5_000);
      await utimes(`${folder}/state/leases/${queue.calculator}.json`, past, past);
    };
    return { queue, seemDead, kill: () => queue.close() };
  };
  return {
    jobs: await openJobs(),
    digits: new FileDigitSource(await open()),
    openWorker,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
