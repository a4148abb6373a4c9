import { randomUUID } from 'node:crypto';
import {
  describeJobStore,
  describeWorkerSlots,
  describeWorkQueue,
  objectJobs,
  objectSlots,
  objectWork,
} from '@pi-jobs/core/contract-suites';
import { afterAll, beforeAll } from 'vitest';
import { S3ObjectStore } from './s3-object-store.ts';
import { SqsMessageQueue } from './sqs-message-queue.ts';
import { LocalAws } from './testing/index.ts';

let aws: LocalAws;

beforeAll(async () => {
  aws = await LocalAws.start();
});
afterAll(() => aws[Symbol.asyncDispose]());

async function makeObjects() {
  const name = randomUUID();
  const [s3, sqs] = [aws.s3(), aws.sqs()];
  return {
    store: new S3ObjectStore(s3, await aws.createBucket(`bucket-${name}`)),
    queue: new SqsMessageQueue(sqs, await aws.createQueues(`queue-${name}`, 100)),
    async [Symbol.asyncDispose]() {
      s3.destroy();
      sqs.destroy();
    },
  };
}

describeJobStore('S3 and SQS', async () => objectJobs(await makeObjects()));
describeWorkQueue('S3 and SQS', async () => objectWork(await makeObjects()));
describeWorkerSlots('S3 and SQS', async (limits) => objectSlots(await makeObjects(), limits));
