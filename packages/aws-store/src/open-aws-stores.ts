import { HeadBucketCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { MessageQueue } from '@pi-jobs/core';
import { awsErrorName } from './aws-errors.ts';
import { S3ObjectStore } from './s3-object-store.ts';
import { SqsMessageQueue } from './sqs-message-queue.ts';

export interface AwsStoreOptions {
  readonly bucket: string;
  readonly queueUrl: string;
  /** How long a connection may be silent while an answer is waited for, in milliseconds; 60,000 by default. */
  readonly silenceMs?: number;
}

export interface AwsStores {
  readonly store: S3ObjectStore;
  readonly queue: MessageQueue;
  /** For other clients of the same S3. */
  readonly s3Config: S3ClientConfig;
  /** Throws when the bucket does not answer. */
  check(): Promise<void>;
  close(): void;
}

/** A throttled or failing service is asked this often, with growing pauses: of calls that fail one in ten times, one in 10^8 fails. */
const MAX_ATTEMPTS = 8;
/** Longer than a receiver waits for a message. */
const SILENCE_MS = 60_000;
const CONNECTION_TIMEOUT_MS = 5_000;

/**
 * Opens what is there, and makes nothing: a bucket or queue that is missing, or that these credentials may not see, is an error which
 * names it. Region, credentials and endpoint are the SDK's own variables.
 */
export async function openAwsStores({
  bucket,
  queueUrl,
  silenceMs = SILENCE_MS,
}: AwsStoreOptions): Promise<AwsStores> {
  const common = {
    maxAttempts: MAX_ATTEMPTS,
    // `requestTimeout` would not do: the SDK only logs a warning when it is over, and waits for ever.
    requestHandler: { socketTimeout: silenceMs, connectionTimeout: CONNECTION_TIMEOUT_MS },
  };
  const hasEndpoint = (service: string): boolean =>
    Boolean(process.env['AWS_ENDPOINT_URL'] || process.env[`AWS_ENDPOINT_URL_${service}`]);
  // Buckets of a local server have no host names of their own, and its queues' URLs need not be its address.
  const s3Config = { ...common, forcePathStyle: hasEndpoint('S3') };
  const s3 = new S3Client(s3Config);
  const sqs = new SQSClient({ ...common, useQueueUrlAsEndpoint: !hasEndpoint('SQS') });
  const check = async (): Promise<void> => {
    await s3.send(new HeadBucketCommand({ Bucket: bucket }));
  };
  try {
    await named(`S3_BUCKET: the bucket ${bucket}`, check());
    const deadUrl = await named(`SQS_QUEUE_URL: the queue ${queueUrl}`, findDeadLetterQueue(sqs, queueUrl));
    return {
      store: new S3ObjectStore(s3, bucket),
      queue: new SqsMessageQueue(sqs, { url: queueUrl, deadUrl }),
      s3Config,
      check,
      close() {
        s3.destroy();
        sqs.destroy();
      },
    };
  } catch (error) {
    s3.destroy();
    sqs.destroy();
    throw error;
  }
}

/** The URL of the queue that the redrive policy names, if there is one. */
async function findDeadLetterQueue(sqs: SQSClient, queueUrl: string): Promise<string | undefined> {
  const input = { QueueUrl: queueUrl, AttributeNames: ['RedrivePolicy' as const] };
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand(input));
  const policy: unknown = JSON.parse(Attributes?.RedrivePolicy ?? 'null');
  if (typeof policy !== 'object' || policy === null || !('deadLetterTargetArn' in policy)) return undefined;
  const QueueName = String(policy.deadLetterTargetArn).split(':').at(-1);
  return (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl;
}

async function named<T>(what: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw new Error(`${what} cannot be used: ${reasonOf(error)}`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  const name = awsErrorName(error);
  if (/NotFound|NoSuchBucket|NonExistentQueue|QueueDoesNotExist/.test(name)) {
    return 'it does not exist; scripts/create-aws-resources.mjs makes it';
  }
  return error instanceof Error ? `${name}: ${error.message}` : 'unknown error';
}
