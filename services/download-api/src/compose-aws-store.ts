import { openAwsStores } from '@pi-jobs/aws-store';
import { ObjectDigitSource, ObjectJobStore } from '@pi-jobs/core';
import { StartError } from '@pi-jobs/http-kit';
import type { ComposedStore } from './compose.ts';
import type { Config } from './config.ts';

/** Results in S3. Archives are made in the data folder of this machine, from which they can be made again. */
export async function composeAwsStore({ S3_BUCKET, SQS_QUEUE_URL }: Config): Promise<ComposedStore> {
  const { store, queue, check, close } = await openAwsStores({
    bucket: S3_BUCKET ?? '',
    queueUrl: SQS_QUEUE_URL ?? '',
  }).catch((error: Error) => {
    throw new StartError(error.message, { cause: error });
  });
  return {
    jobs: new ObjectJobStore(store, queue),
    digits: new ObjectDigitSource(store),
    check,
    close: async () => close(),
  };
}
