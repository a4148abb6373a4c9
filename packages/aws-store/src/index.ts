export { type AwsStoreOptions, type AwsStores, openAwsStores } from './open-aws-stores.ts';
export { S3ObjectStore } from './s3-object-store.ts';
export { SqsMessageQueue } from './sqs-message-queue.ts';
