import { randomUUID } from 'node:crypto';
import { LocalAws } from '@pi-jobs/aws-store/testing';
import { onTestFinished } from 'vitest';
import { System } from './system.ts';

/** Deliveries after which a message is put aside. */
const MAX_RECEIVE_COUNT = 100;

export interface AwsSystem {
  readonly aws: LocalAws;
  readonly system: System;
  /** What the services need besides their defaults. */
  readonly env: Readonly<Record<string, string>>;
  readonly queueUrl: string;
}

/** The services on an S3 bucket and an SQS queue of their own, both on this machine. */
export async function createAwsSystem(): Promise<AwsSystem> {
  const aws = await LocalAws.start();
  // Before the services are killed, whose system is made after it.
  onTestFinished(() => aws[Symbol.asyncDispose]());
  const bucket = await aws.createBucket(`bucket-${randomUUID()}`);
  const { url } = await aws.createQueues(`queue-${randomUUID()}`, MAX_RECEIVE_COUNT);
  const env = { STORE: 'aws', S3_BUCKET: bucket, SQS_QUEUE_URL: url, ...aws.environment };
  return { aws, system: await System.create(), env, queueUrl: url };
}
