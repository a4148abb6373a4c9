import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { S3ObjectStore } from '@pi-jobs/aws-store';
import type { LocalAws } from '@pi-jobs/aws-store/testing';
import { ObjectFileExchange, UploadRules } from '@pi-jobs/file-exchange';
import { S3ResumableStore } from '@pi-jobs/resumable-uploads/s3';
import type { FilePlace } from './file-place.ts';

/** Files in a bucket of their own, as `STORE=aws` has them. */
export async function bucketPlace(aws: LocalAws): Promise<FilePlace> {
  const bucket = await aws.createBucket(`bucket-${randomUUID()}`);
  const client = aws.s3();
  const store = new S3ObjectStore(client, bucket);
  const opened: S3ResumableStore[] = [];
  const keysIn = async (prefix: string): Promise<string[]> =>
    (await store.list(prefix)).objects.map(({ key }) => key);
  const open: FilePlace['open'] = async (rules, { expirationMs }) => {
    const exchange = new ObjectFileExchange({ rules, store });
    const resumable = new S3ResumableStore({
      exchange,
      objects: store,
      s3: { ...aws.s3Config, bucket },
      ...(expirationMs === undefined ? {} : { expirationMs }),
    });
    opened.push(resumable);
    return { exchange, resumable };
  };
  return {
    isRemote: true,
    open,
    async everything() {
      const prefixes = ['files/', 'file-contents/', 'loose-contents/', 'resumable/'];
      return (await Promise.all(prefixes.map(keysIn))).flat().sort();
    },
    async resumable() {
      const files = await keysIn('files/');
      const loose = (await keysIn('file-contents/')).slice(files.length);
      return [...loose, ...(await keysIn('resumable/'))];
    },
    async completeUnnoticed(id, content) {
      const { resumable } = await open(new UploadRules({ maxBytes: content.length }), {});
      await resumable.write(Readable.from([Buffer.from(content)]), `file-contents/${id}`, 0);
    },
    async litter() {
      await store.put(`resumable/${'0'.repeat(32)}.part`, Buffer.from('x'));
    },
    async [Symbol.asyncDispose]() {
      for (const resumable of opened) resumable.close();
      client.destroy();
    },
  };
}
