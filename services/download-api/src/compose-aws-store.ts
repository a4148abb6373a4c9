import { openAwsStores } from '@pi-jobs/aws-store';
import { ObjectDigitSource, ObjectJobStore } from '@pi-jobs/core';
import { CONTENTS, ObjectFileExchange, type UploadRules } from '@pi-jobs/file-exchange';
import { StartError } from '@pi-jobs/http-kit';
import { S3ResumableStore } from '@pi-jobs/resumable-uploads/s3';
import type { ComposedStore } from './composed-store.ts';
import type { Config } from './config.ts';

/** No upload takes so long. */
const ABANDONED_AFTER_MS = 2 * 24 * 60 * 60 * 1000;

/** Results and files in S3. Archives are made in the data folder of this machine, from which they can be made again. */
export async function composeAwsStore(
  { S3_BUCKET, SQS_QUEUE_URL }: Pick<Config, 'S3_BUCKET' | 'SQS_QUEUE_URL'>,
  rules: UploadRules,
): Promise<ComposedStore> {
  const bucket = S3_BUCKET ?? '';
  const { store, queue, s3Config, check, close } = await openAwsStores({
    bucket,
    queueUrl: SQS_QUEUE_URL ?? '',
  }).catch((error: Error) => {
    throw new StartError(error.message, { cause: error });
  });
  const exchange = new ObjectFileExchange({ rules, store });
  const resumable = new S3ResumableStore({ exchange, objects: store, s3: { ...s3Config, bucket } });
  return {
    jobs: new ObjectJobStore(store, queue),
    digits: new ObjectDigitSource(store),
    exchange,
    resumable,
    async sweep() {
      await resumable.deleteExpired();
      await exchange.sweep();
      await store.abandonUploads(CONTENTS, new Date(Date.now() - ABANDONED_AFTER_MS));
    },
    check,
    async close() {
      resumable.close();
      close();
    },
  };
}
