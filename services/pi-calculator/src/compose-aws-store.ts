import { tmpdir } from 'node:os';
import { openAwsStores } from '@pi-jobs/aws-store';
import { ObjectJobStore, ObjectLease, ObjectWorkQueue } from '@pi-jobs/core';
import { StartError } from '@pi-jobs/http-kit';
import type { ComposedStore } from './composed-store.ts';
import type { Config } from './config.ts';

/** S3 is asked less often than a disk: each look costs a request. */
const POLL_MS = 500;

/** Records, digits and images in S3, work through SQS; nothing that outlives the process on this machine. */
export async function composeAwsStore(
  { S3_BUCKET, SQS_QUEUE_URL, MAX_CONCURRENT_JOBS: maxConcurrentJobs }: Config,
  mostDigits: number,
): Promise<ComposedStore> {
  const { store, queue, check, close } = await openAwsStores({
    bucket: S3_BUCKET ?? '',
    queueUrl: SQS_QUEUE_URL ?? '',
  }).catch((error: Error) => {
    throw new StartError(error.message, { cause: error });
  });
  const work = new ObjectWorkQueue(store, queue, { maxConcurrentJobs });
  const lease = new ObjectLease(store, { maxConcurrentJobs, mostDigits });
  await lease.start();
  return {
    jobs: new ObjectJobStore(store, queue),
    work,
    digitMessages: work,
    objects: store,
    messages: queue,
    scratchFolder: `${tmpdir()}/pi-jobs/scratch`,
    pollMs: POLL_MS,
    check,
    async close() {
      await lease.stop();
      close();
    },
  };
}
