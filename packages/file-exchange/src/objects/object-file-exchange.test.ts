import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3ObjectStore } from '@pi-jobs/aws-store';
import { LocalAws } from '@pi-jobs/aws-store/testing';
import { FileObjectStore, type ObjectStore } from '@pi-jobs/core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { describeFileExchange, MAX_BYTES } from '../file-exchange.contract-suite.ts';
import { UploadRules } from '../rules/upload-rules.ts';
import { ObjectFileExchange } from './object-file-exchange.ts';

let aws: LocalAws;

beforeAll(async () => {
  aws = await LocalAws.start();
});
afterAll(() => aws[Symbol.asyncDispose]());

const DAY_MS = 24 * 60 * 60 * 1000;

function exchangeIn(store: ObjectStore, maxFiles = 100): ObjectFileExchange {
  return new ObjectFileExchange({ rules: new UploadRules({ maxBytes: MAX_BYTES }), store, maxFiles });
}

async function keysIn(store: ObjectStore, prefix: string): Promise<string[]> {
  return (await store.list(prefix)).objects.map(({ key }) => key);
}

/** Contents to which no name leads. */
async function countLoose(store: ObjectStore): Promise<number> {
  const contents = await keysIn(store, 'file-contents/');
  return contents.length - (await keysIn(store, 'files/')).length;
}

async function s3Store(): Promise<ObjectStore> {
  return new S3ObjectStore(aws.s3(), await aws.createBucket(`bucket-${randomUUID()}`));
}

async function fileStore(): Promise<ObjectStore> {
  const folder = await mkdtemp(join(tmpdir(), 'object-exchange-'));
  const store = await FileObjectStore.open(folder);
  onTestFinished(async () => {
    store.close();
    await rm(folder, { recursive: true });
  });
  return store;
}

const stores: readonly (readonly [string, () => Promise<ObjectStore>, number])[] = [
  ['objects as files', fileStore, 0],
  ['objects in S3', s3Store, 0],
  ['objects in an S3 that answers one in ten requests with 500 or 503', s3Store, 0.1],
];
for (const [name, makeStore, faultRate] of stores) {
  describeFileExchange(name, async () => {
    const store = await makeStore();
    aws.faults.rate = faultRate;
    return {
      exchange: exchangeIn(store),
      countLeftovers: () => countLoose(store),
      async [Symbol.asyncDispose]() {
        aws.faults.rate = 0;
      },
    };
  });
}

async function* text(content: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content);
}

/** Does what the store does until `limit` writes are done, and then nothing any more: a process that is killed there. */
function dyingAfter(store: ObjectStore, limit: number): ObjectStore {
  let writes = 0;
  const alive = <Arguments extends unknown[], Result>(call: (...args: Arguments) => Promise<Result>) => {
    return async (...args: Arguments): Promise<Result> => {
      writes += 1;
      if (writes > limit) throw new Error('killed');
      return await call(...args);
    };
  };
  return {
    put: alive(store.put.bind(store)),
    delete: alive(store.delete.bind(store)),
    stat: store.stat.bind(store),
    get: store.get.bind(store),
    copyTo: store.copyTo.bind(store),
    list: store.list.bind(store),
  };
}

describe('the exchange in a store of objects', () => {
  it('shows a file whole or not at all after a death at any step, and leaves nothing a day later', async () => {
    for (let writes = 0; writes <= 3; writes += 1) {
      const store = await fileStore();
      const outcome = await exchangeIn(dyingAfter(store, writes))
        .put('a.txt', text('content'))
        .then(
          () => 'stored',
          () => 'died',
        );
      expect(outcome).toBe(writes === 3 ? 'stored' : 'died');
      const exchange = exchangeIn(store);
      expect(await exchange.list()).toEqual(writes === 3 ? ['a.txt'] : []);
      expect(await exchange.sweep()).toBe(0);
      await exchange.sweep(Date.now() + DAY_MS);
      expect(await countLoose(store)).toBe(0);
      expect(await keysIn(store, 'loose-contents/')).toEqual([]);
      expect(await exchange.list()).toEqual(writes === 3 ? ['a.txt'] : []);
    }
  });

  it('keeps the bytes of a removed file for a day, for downloads that have begun', async () => {
    const store = await fileStore();
    const exchange = exchangeIn(store);
    await exchange.put('a.txt', text('first'));
    await using open = await exchange.open('a.txt');
    await exchange.remove('a.txt');
    expect(await exchange.sweep()).toBe(0);
    expect(Buffer.concat(await Array.fromAsync(open.read())).toString()).toBe('first');
    expect(await exchange.sweep(Date.now() + DAY_MS)).toBe(1);
    expect(await keysIn(store, 'file-contents/')).toEqual([]);
  });

  it('keeps files of every name apart, those too whose keys say only a hash', async () => {
    const exchange = exchangeIn(await fileStore());
    const names = [
      'a_b.txt',
      'a.b.txt',
      'A.txt',
      'a.txt',
      'é.txt',
      '-.txt',
      '_2e.txt',
      `${'長'.repeat(83)}.txt`,
    ];
    for (const name of names) await exchange.put(name, text(name));
    expect(await exchange.list()).toEqual([...names].sort());
    for (const name of names) {
      await using open = await exchange.open(name);
      expect(Buffer.concat(await Array.fromAsync(open.read())).toString()).toBe(name);
    }
    await exchange.remove(names.at(-1) ?? '');
    expect(await exchange.list()).toHaveLength(names.length - 1);
  });

  it('holds no more files than it may, and takes one again when one is gone', async () => {
    const exchange = exchangeIn(await fileStore(), 2);
    await exchange.put('a.txt', text('x'));
    await exchange.put('b.txt', text('x'));
    await expect(exchange.put('c.txt', text('x'))).rejects.toMatchObject({ code: 'no_space' });
    await exchange.remove('a.txt');
    await exchange.put('c.txt', text('x'));
    expect(await exchange.list()).toEqual(['b.txt', 'c.txt']);
  });

  it('takes over a complete object without copying it, after the same checks', async () => {
    const store = await s3Store();
    const exchange = exchangeIn(store);
    await store.put('resumable/one', Buffer.from('%PDF-1.7'));
    await expect(exchange.adopt('a.png', 'resumable/one')).rejects.toMatchObject({
      code: 'content_mismatch',
    });
    await expect(exchange.adopt('a.exe', 'resumable/one')).rejects.toMatchObject({
      code: 'extension_not_allowed',
    });
    const stored = await exchange.adopt('a.pdf', 'resumable/one');
    expect(stored.size).toBe(8);
    expect(await exchange.adopt('a.pdf', 'resumable/one')).toEqual(stored);
    await store.put('resumable/two', Buffer.from('%PDF-1.7'));
    await expect(exchange.adopt('a.pdf', 'resumable/two')).rejects.toMatchObject({ code: 'name_taken' });
    await using open = await exchange.open('a.pdf');
    expect(Buffer.concat(await Array.fromAsync(open.read())).toString()).toBe('%PDF-1.7');
  });
});
