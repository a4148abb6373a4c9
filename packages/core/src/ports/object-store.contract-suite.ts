import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { type GetOptions, type ObjectStore, VersionConflictError } from './object-store.ts';

export interface ObjectStoreUnderTest extends AsyncDisposable {
  /** Empty. */
  readonly store: ObjectStore;
  /** How many unfinished writes have left something behind. */
  countLeftovers(): Promise<number>;
}

const LARGE_BYTES = 20 * 1024 * 1024 + 7;

/** What every adapter of the interface must do. */
export function describeObjectStore(adapter: string, make: () => Promise<ObjectStoreUnderTest>): void {
  describe(`object store: ${adapter}`, () => {
    it('gives an object back as it came, whole and span by span', async () => {
      await using test = await make();
      const content = randomBytes(700_001);
      const put = await test.store.put('input/a', inChunks(content, 70_000), { contentType: 'image/png' });
      expect(put).toMatchObject({ key: 'input/a', size: content.length });
      expect(await test.store.stat('input/a')).toMatchObject({ size: content.length, version: put.version });
      expect((await read(test.store, 'input/a'))?.equals(content)).toBe(true);
      for (const [start, end] of [
        [0, 1],
        [5, 5],
        [262_143, 262_146],
        [700_000, 700_001],
        [699_990, 900_000],
      ] as const) {
        const span = await read(test.store, 'input/a', { start, end });
        expect(span?.equals(content.subarray(start, end)), `${start} to ${end}`).toBe(true);
      }
      expect((await read(test.store, 'input/a', { start: 700_001 }))?.length).toBe(0);
    });

    it('takes an empty object, and one of many parts, without holding it in memory', async () => {
      await using test = await make();
      await test.store.put('input/empty', Buffer.alloc(0));
      expect((await read(test.store, 'input/empty'))?.length).toBe(0);
      const content = randomBytes(LARGE_BYTES);
      await test.store.put('input/large', inChunks(content, 1_000_003));
      expect((await read(test.store, 'input/large'))?.equals(content)).toBe(true);
      const tail = await read(test.store, 'input/large', { start: LARGE_BYTES - 9 });
      expect(tail?.equals(content.subarray(-9))).toBe(true);
    });

    it('says of what is not there that it is not there', async () => {
      await using test = await make();
      expect(await test.store.stat('jobs/a')).toBeUndefined();
      expect(await test.store.get('jobs/a')).toBeUndefined();
      await test.store.delete('jobs/a');
      expect(await test.store.list('jobs/')).toEqual({ objects: [], hasMore: false });
      await test.store.put('jobs/a', Buffer.from('x'));
      await test.store.delete('jobs/a');
      expect(await test.store.get('jobs/a')).toBeUndefined();
    });

    it('refuses keys and prefixes that are none, before it does anything', async () => {
      await using test = await make();
      for (const key of ['', '/a', 'a//b', '../a', 'jobs/..', 'jobs/.a', 'a/b/c/d', 'jobs/a b', 'jobs/é']) {
        await expect(test.store.put(key, Buffer.from('x')), key).rejects.toThrow(TypeError);
        await expect(test.store.get(key), key).rejects.toThrow(TypeError);
      }
      await expect(test.store.list('jobs')).rejects.toThrow(TypeError);
    });

    it('lists the keys of a prefix in order, page by page', async () => {
      await using test = await make();
      const keys = ['c', 'a', 'b-2', '0', 'b-10', 'd'].map((name) => `jobs/${name}`);
      for (const key of [...keys, 'jobsx/e', 'input/a']) await test.store.put(key, Buffer.from(key));
      const inOrder = ['jobs/0', 'jobs/a', 'jobs/b-10', 'jobs/b-2', 'jobs/c', 'jobs/d'];
      const all = await test.store.list('jobs/');
      expect(all).toMatchObject({ hasMore: false });
      expect(all.objects.map(({ key }) => key)).toEqual(inOrder);
      expect(all.objects[1]).toMatchObject({ size: 6, version: (await test.store.stat('jobs/a'))?.version });
      const page = await test.store.list('jobs/', { after: 'jobs/a', limit: 2 });
      expect(page.objects.map(({ key }) => key)).toEqual(['jobs/b-10', 'jobs/b-2']);
      expect(page.hasMore).toBe(true);
      const between = await test.store.list('jobs/', { after: 'jobs/b-5' });
      expect(between.objects.map(({ key }) => key)).toEqual(['jobs/c', 'jobs/d']);
    });

    it('lets exactly one of many writers create an object', async () => {
      await using test = await make();
      const writes = Array.from({ length: 12 }, (_, index) =>
        test.store.put('jobs/a', Buffer.from(`writer ${index}`), { ifVersion: null }),
      );
      const ends = await Promise.allSettled(writes);
      const winners = ends.flatMap((end, index) => (end.status === 'fulfilled' ? [index] : []));
      expect(winners).toHaveLength(1);
      for (const end of ends)
        if (end.status === 'rejected') expect(end.reason).toBeInstanceOf(VersionConflictError);
      expect(String(await read(test.store, 'jobs/a'))).toBe(`writer ${winners[0]}`);
    });

    it('loses no update when many change one object, each on the version that it has read, and looks whether it has done so', async () => {
      await using test = await make();
      await test.store.put('jobs/a', Buffer.from('[]'));
      const add = async (index: number): Promise<void> => {
        for (;;) {
          const object = await test.store.get('jobs/a');
          if (object === undefined) throw new Error('the object is gone');
          const list = JSON.parse(String(await buffer(object.body))) as number[];
          if (list.includes(index)) return;
          const content = Buffer.from(JSON.stringify([...list, index]));
          try {
            await test.store.put('jobs/a', content, { ifVersion: object.version });
            return;
          } catch (error) {
            if (!(error instanceof VersionConflictError)) throw error;
          }
        }
      };
      await Promise.all(Array.from({ length: 8 }, (_, index) => add(index)));
      const list = JSON.parse(String(await read(test.store, 'jobs/a'))) as number[];
      expect(list.sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    });

    it('refuses a change to an object that is gone', async () => {
      await using test = await make();
      const { version } = await test.store.put('jobs/a', Buffer.from('x'));
      await test.store.delete('jobs/a');
      await expect(test.store.put('jobs/a', Buffer.from('y'), { ifVersion: version })).rejects.toThrow(
        VersionConflictError,
      );
      expect(await test.store.stat('jobs/a')).toBeUndefined();
    });

    it('keeps what was there when a write fails or is aborted in the middle', async () => {
      await using test = await make();
      await test.store.put('input/a', Buffer.from('old'));
      const failure = new Error('the sender is gone');
      await expect(test.store.put('input/a', breakingOff(failure))).rejects.toBe(failure);
      const abort = new AbortController();
      const aborted = test.store.put('input/a', aborting(abort), { signal: abort.signal });
      await expect(aborted).rejects.toThrow('enough');
      expect(String(await read(test.store, 'input/a'))).toBe('old');
      expect(await test.countLeftovers()).toBe(0);
    });

    it('makes a file an object and an object a file, each of which outlives the other', async () => {
      await using test = await make();
      const folder = await mkdtemp(join(tmpdir(), 'object-store-'));
      try {
        const content = randomBytes(300_000);
        await writeFile(`${folder}/a`, content);
        const { size } = await test.store.put('output/a', { filePath: `${folder}/a` });
        expect(size).toBe(content.length);
        await rm(`${folder}/a`);
        expect((await read(test.store, 'output/a'))?.equals(content)).toBe(true);
        expect(await test.store.copyTo('output/a', `${folder}/copy`)).toBe(true);
        await test.store.put('output/a', Buffer.from('another'));
        expect((await readFile(`${folder}/copy`)).equals(content)).toBe(true);
        await rm(`${folder}/copy`);
        expect(String(await read(test.store, 'output/a'))).toBe('another');
        expect(await test.store.copyTo('output/b', `${folder}/copy`)).toBe(false);
        await expect(test.store.put('output/b', { filePath: `${folder}/none` })).rejects.toThrow('ENOENT');
        expect(await test.store.stat('output/b')).toBeUndefined();
        expect(await test.countLeftovers()).toBe(0);
      } finally {
        await rm(folder, { recursive: true });
      }
    });

    it('reads an object to its end as it was opened, though another is written over it', async () => {
      await using test = await make();
      const content = randomBytes(3_000_000);
      await test.store.put('output/a', content);
      const object = await test.store.get('output/a');
      await test.store.put('output/a', Buffer.from('another'));
      if (object === undefined) throw new Error('the object is not there');
      expect((await buffer(object.body)).equals(content)).toBe(true);
      const discarded = await test.store.get('output/a');
      await discarded?.discard();
    });
  });
}

async function read(store: ObjectStore, key: string, options?: GetOptions): Promise<Buffer | undefined> {
  const object = await store.get(key, options);
  return object === undefined ? undefined : buffer(object.body);
}

async function* inChunks(content: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < content.length; start += size) yield content.subarray(start, start + size);
}

async function* breakingOff(failure: Error): AsyncGenerator<Buffer> {
  for (let chunk = 0; chunk < 12; chunk += 1) yield randomBytes(1_000_000);
  throw failure;
}

async function* aborting(abort: AbortController): AsyncGenerator<Buffer> {
  for (let chunk = 0; chunk < 12; chunk += 1) yield randomBytes(1_000_000);
  abort.abort(new Error('enough'));
  yield randomBytes(1_000_000);
}
