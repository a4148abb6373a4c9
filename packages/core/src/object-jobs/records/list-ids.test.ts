import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ObjectStore } from '../../ports/object-store.ts';
import { temporaryObjects } from '../../testing/temporary-objects.ts';
import { listIdsFrom, listIdsNewestFirst } from './list-ids.ts';
import { idAtTime, timeOfId } from './time-of-id.ts';

const all = async (ids: AsyncIterable<string>): Promise<string[]> => {
  const found: string[] = [];
  for await (const id of ids) found.push(id);
  return found;
};

const idMadeAt = (time: number, serial: number): string =>
  `${idAtTime(time)}-7000-8000-${String(serial).padStart(12, '0')}`;

it('an id tells when it was made, and ids stand in the order of their making', () => {
  expect(timeOfId('01a201b7-4cd1-7d72-8b57-9d1e30f0b4c1')).toBe(0x01a201b74cd1);
  expect(timeOfId(idMadeAt(1_795_000_000_123, 1))).toBe(1_795_000_000_123);
  expect(idMadeAt(999, 5) < idMadeAt(1000, 1)).toBe(true);
});

it('lists newest first whatever the times are, from the beginning or from any id on', async () => {
  const now = Date.now();
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.integer({ min: 0, max: 400 * 24 * 3600 * 1000 }), { minLength: 1, maxLength: 12 }),
      fc.nat(),
      async (ages, pick) => {
        const { store } = await temporaryObjects();
        const ids = ages.map((age, serial) => idMadeAt(now - age, serial));
        for (const id of ids) await store.put(`jobs/${id}`, Buffer.from('{}'));
        const newestFirst = [...ids].sort().reverse();
        expect(await all(listIdsNewestFirst(store))).toEqual(newestFirst);
        const before = newestFirst[pick % ids.length] ?? '';
        const older = newestFirst.slice(newestFirst.indexOf(before) + 1);
        expect(await all(listIdsNewestFirst(store, before))).toEqual(older);
        expect(await all(listIdsFrom(store, timeOfId(before)))).toEqual(
          [...newestFirst.slice(0, newestFirst.indexOf(before) + 1)].reverse(),
        );
      },
    ),
    { numRuns: 25 },
  );
});

it('asks for few keys to give out a page of the newest, and passes over what is no job', async () => {
  const { store } = await temporaryObjects();
  const now = Date.now();
  for (let serial = 0; serial < 60; serial += 1) {
    await store.put(`jobs/${idMadeAt(now - serial * 30_000, serial)}`, Buffer.from('{}'));
  }
  await store.put('jobs/README', Buffer.from('not a job'));
  let listed = 0;
  const counting: ObjectStore = Object.assign(Object.create(store), {
    list: async (...args: Parameters<ObjectStore['list']>) => {
      const page = await store.list(...args);
      listed += args[1]?.limit === 1 ? 1 : page.objects.length;
      return page;
    },
  });
  const page: string[] = [];
  for await (const id of listIdsNewestFirst(counting)) {
    page.push(id);
    if (page.length === 5) break;
  }
  expect(page).toHaveLength(5);
  expect(listed).toBeLessThan(100);
});
