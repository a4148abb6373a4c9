#!/usr/bin/env node
// Makes what STORE=aws needs, where it is missing: the bucket S3_BUCKET and the queue SQS_QUEUE_URL with its dead-letter queue.
// Region, credentials and endpoint are the SDK's own variables (AWS_REGION, AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL, ...).
import { createRequire } from 'node:module';
import { root } from './bootstrap/paths.mjs';
import { fail } from './bootstrap/run.mjs';

const require = createRequire(`${root}/packages/aws-store/package.json`);
const {
  CreateBucketCommand,
  HeadBucketCommand,
  PutBucketLifecycleConfigurationCommand,
  S3Client,
} = require('@aws-sdk/client-s3');
const { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } = require('@aws-sdk/client-sqs');

/** Deliveries after which a message is put aside. A killed worker costs one, a full disk one in half a minute. */
const MAX_RECEIVE_COUNT = 100;
const FOURTEEN_DAYS = String(14 * 24 * 3600);

try {
  const { S3_BUCKET: bucket, SQS_QUEUE_URL: queueUrl } = process.env;
  if (!bucket || !queueUrl)
    throw new Error('S3_BUCKET and SQS_QUEUE_URL must be set: they name what is made');
  const isLocal = Boolean(process.env.AWS_ENDPOINT_URL);
  await createBucket(new S3Client({ forcePathStyle: isLocal }), bucket);
  await createQueues(new SQSClient({ useQueueUrlAsEndpoint: false }), queueUrl);
} catch (error) {
  fail(error);
}

async function createBucket(s3, bucket) {
  const isThere = await s3.send(new HeadBucketCommand({ Bucket: bucket })).then(
    () => true,
    (error) => {
      if (error.$metadata?.httpStatusCode === 404) return false;
      throw new Error(`the bucket ${bucket} cannot be looked at: ${error.name}`, { cause: error });
    },
  );
  if (!isThere)
    await s3.send(new CreateBucketCommand({ Bucket: bucket, ...location(await s3.config.region()) }));
  // Parts of uploads whose process was killed cost room until they are given up.
  const rule = {
    ID: 'unfinished-uploads',
    Status: 'Enabled',
    Filter: { Prefix: '' },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 },
  };
  await s3.send(
    new PutBucketLifecycleConfigurationCommand({ Bucket: bucket, LifecycleConfiguration: { Rules: [rule] } }),
  );
  process.stdout.write(`bucket ${bucket} ${isThere ? 'is there' : 'made'}\n`);
}

/** The first region of all is the one that must not be named. */
function location(region) {
  return region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint: region } };
}

async function createQueues(sqs, queueUrl) {
  const name = new URL(queueUrl).pathname.split('/').at(-1);
  const deadUrl = await createQueue(sqs, `${name}-dead`, { MessageRetentionPeriod: FOURTEEN_DAYS });
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: deadUrl, AttributeNames: ['QueueArn'] }),
  );
  const redrive = { deadLetterTargetArn: Attributes.QueueArn, maxReceiveCount: MAX_RECEIVE_COUNT };
  const url = await createQueue(sqs, name, {
    MessageRetentionPeriod: FOURTEEN_DAYS,
    RedrivePolicy: JSON.stringify(redrive),
  });
  process.stdout.write(`queue ${url} with dead letters in ${deadUrl}\n`);
}

/** Makes the queue; one that is there with the same attributes is left as it is. */
async function createQueue(sqs, name, attributes) {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  return QueueUrl;
}
