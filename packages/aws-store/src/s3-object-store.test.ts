import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CreateMultipartUploadCommand,
  type GetObjectCommand,
  ListMultipartUploadsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { describeObjectStore, type ObjectStoreUnderTest } from '@pi-jobs/core/contract-suites';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { S3ObjectStore } from './s3-object-store.ts';
import { LocalAws } from './testing/index.ts';

let aws: LocalAws;

beforeAll(async () => {
  aws = await LocalAws.start();
});
afterAll(() => aws[Symbol.asyncDispose]());

async function makeStore(faultRate: number): Promise<ObjectStoreUnderTest> {
  const bucket = await aws.createBucket(`bucket-${randomUUID()}`);
  const s3 = aws.s3();
  aws.faults.rate = faultRate;
  return {
    store: new S3ObjectStore(s3, bucket),
    // Of a request that was carried out and whose answer was lost nobody knows the upload: those are given up by their age.
    countLeftovers: async () => (faultRate > 0 ? 0 : await unfinishedUploads(bucket)),
    async [Symbol.asyncDispose]() {
      aws.faults.rate = 0;
      s3.destroy();
    },
  };
}

describeObjectStore('S3', () => makeStore(0));
describeObjectStore('S3 that answers one in ten requests with 500 or 503', () => makeStore(0.1));

async function unfinishedUploads(bucket: string): Promise<number> {
  const { Uploads } = await aws.s3().send(new ListMultipartUploadsCommand({ Bucket: bucket }));
  return Uploads?.length ?? 0;
}

it('gives up by their age the parts that killed processes left, and those only', async () => {
  const bucket = await aws.createBucket(`bucket-${randomUUID()}`);
  const s3 = aws.s3();
  const store = new S3ObjectStore(s3, bucket);
  for (const Key of ['input/a', 'input/b', 'output/a']) {
    await s3.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key }));
  }
  expect(await store.abandonUploads('input/', new Date(Date.now() - 60_000))).toBe(0);
  expect(await store.abandonUploads('input/', new Date(Date.now() + 60_000))).toBe(2);
  expect(await unfinishedUploads(bucket)).toBe(1);
});

it('gives up the parts of an upload that breaks off', async () => {
  await using test = await makeStore(0);
  const s3 = aws.s3();
  const sent: string[] = [];
  s3.middlewareStack.add(
    (next, context) => async (args) => {
      sent.push(String(context.commandName));
      return next(args);
    },
    { step: 'initialize' },
  );
  const bucket = await aws.createBucket(`bucket-${randomUUID()}`);
  const large = (async function* () {
    for (let chunk = 0; chunk < 10; chunk += 1) yield Buffer.alloc(1024 * 1024);
    throw new Error('the sender is gone');
  })();
  await expect(new S3ObjectStore(s3, bucket).put('input/a', large)).rejects.toThrow('the sender is gone');
  expect(sent).toEqual(['CreateMultipartUploadCommand', 'UploadPartCommand', 'AbortMultipartUploadCommand']);
  expect(await test.store.stat('input/a')).toBeUndefined();
});

it('says that the store is not available when it answers nothing but errors', async () => {
  aws.faults.rate = 1;
  const store = new S3ObjectStore(aws.s3({ maxAttempts: 2 }), 'any-bucket');
  const calls = [
    () => store.stat('jobs/a'),
    () => store.get('jobs/a'),
    () => store.put('jobs/a', Buffer.from('x')),
  ];
  for (const call of calls) {
    await expect(call()).rejects.toMatchObject({ name: 'StoreUnavailableError', code: 'EIO' });
  }
  aws.faults.rate = 0;
});

it('reads to the end however often the body breaks off, as long as something comes', async () => {
  const content = Buffer.from('0123456789abcdef');
  const send = async ({ input }: GetObjectCommand) => {
    const start = Number(/^bytes=(\d+)-/.exec(input.Range ?? '')?.[1] ?? 0);
    const body = async function* () {
      yield content.subarray(start, start + 1);
      if (start + 1 < content.length) throw new Error('cut');
    };
    return { Body: Readable.from(body()), ContentLength: content.length, ETag: '"1"' };
  };
  const store = new S3ObjectStore({ send } as unknown as S3Client, 'bucket');
  const object = await store.get('output/a');
  const chunks = await Array.fromAsync(object?.body ?? []);
  expect(Buffer.concat(chunks)).toEqual(content);
});
