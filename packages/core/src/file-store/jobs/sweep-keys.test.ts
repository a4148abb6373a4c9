import { readdir, utimes } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { openStore, openVolume, temporaryFolder } from '../../testing/temporary-volume.ts';
import { hashKey } from './idempotency-file.ts';
import { sweepKeys } from './sweep-keys.ts';

it('honours a key for a day at least, and forgets it after two', async () => {
  const folder = await temporaryFolder();
  const volume = await openVolume(folder);
  const store = openStore(volume);
  const create = (key: string) =>
    store.create({ num: 5, verify: false, idempotency: { key, fingerprint: '{}' } });
  const [day, older] = [await create('a day ago'), await create('long ago')];
  const hoursAgo = (hours: number): Date => new Date(Date.now() - hours * 3600 * 1000);
  for (const [key, hours] of [
    ['a day ago', 25],
    ['long ago', 49],
  ] as const) {
    await utimes(volume.layout.idempotency(hashKey(key)), hoursAgo(hours), hoursAgo(hours));
  }
  await sweepKeys(volume.layout);
  const left = await readdir(`${folder}/state/idempotency`, { recursive: true });
  expect(left.filter((name) => name.endsWith('.json'))).toHaveLength(1);
  expect(await create('a day ago')).toMatchObject({ id: day.id, replayed: true });
  expect((await create('long ago')).id).not.toBe(older.id);
});
