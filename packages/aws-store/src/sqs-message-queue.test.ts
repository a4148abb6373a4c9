import { randomUUID } from 'node:crypto';
import { describeMessageQueue, MAX_ATTEMPTS } from '@pi-jobs/core/contract-suites';
import { afterAll, beforeAll } from 'vitest';
import { SqsMessageQueue } from './sqs-message-queue.ts';
import { LocalAws } from './testing/index.ts';

let aws: LocalAws;

beforeAll(async () => {
  aws = await LocalAws.start();
});
afterAll(() => aws[Symbol.asyncDispose]());

describeMessageQueue('SQS', async () => {
  const urls = await aws.createQueues(`queue-${randomUUID()}`, MAX_ATTEMPTS);
  const sqs = aws.sqs();
  return {
    queue: new SqsMessageQueue(sqs, urls),
    [Symbol.asyncDispose]: async () => sqs.destroy(),
  };
});
