import { tmpdir } from 'node:os';
import { openAwsStores } from '@pi-jobs/aws-store';
import {
  JobObserver,
  ObjectCapacity,
  ObjectDigitSource,
  ObjectJobStore,
  ObjectWorkerSlots,
} from '@pi-jobs/core';
import { ObjectFileExchange, type UploadRules } from '@pi-jobs/file-exchange';
import { StartError } from '@pi-jobs/http-kit';
import type { ComposedStore } from './composed-store.ts';
import type { Config } from './config.ts';

/** S3 is asked less often than a disk: each look costs a request. */
const POLL_MS = 500;

/** Jobs in S3, messages in SQS. Calculators hear of new jobs from the queue, so nobody has to call them. */
export async function composeAwsStore(
  { S3_BUCKET, SQS_QUEUE_URL, MAX_CONCURRENT_JOBS, WORKER_ID_TTL_SECONDS }: Config,
  rules: UploadRules,
): Promise<ComposedStore> {
  const { store, queue, check, close } = await openAwsStores({
    bucket: S3_BUCKET ?? '',
    queueUrl: SQS_QUEUE_URL ?? '',
  }).catch((error: Error) => {
    throw new StartError(error.message, { cause: error });
  });
  const jobs = new ObjectJobStore(store, queue);
  const observer = new JobObserver(jobs, POLL_MS);
  const slots = await ObjectWorkerSlots.open(store, {
    maxConcurrentJobs: MAX_CONCURRENT_JOBS,
    ttlSeconds: WORKER_ID_TTL_SECONDS,
    jobs,
    observer,
  });
  return {
    jobs,
    observer,
    slots,
    capacity: new ObjectCapacity(store),
    digits: new ObjectDigitSource(store),
    exchange: new ObjectFileExchange({ rules, store }),
    objects: store,
    messages: queue,
    notifier: { notify: () => undefined },
    stagingFolder: `${tmpdir()}/pi-jobs/staging`,
    pollMs: POLL_MS,
    check,
    async close() {
      await slots.close();
      close();
    },
  };
}
