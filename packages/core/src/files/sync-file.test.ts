import { mkdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../testing/temporary-volume.ts';
import { syncFolder } from './sync-file.ts';

it('flushes a folder for all who ask, those who come while it is being flushed together', async () => {
  const folder = await temporaryFolder();
  const first = syncFolder(folder);
  const sharing = syncFolder(folder);
  expect(sharing).toBe(first);
  // The flush has begun: what is asked from now on may be too late for it.
  await Promise.resolve();
  await Promise.resolve();
  const late = [syncFolder(folder), syncFolder(folder)];
  expect(late[0]).not.toBe(first);
  expect(late[1]).toBe(late[0]);
  await Promise.all([first, ...late]);
});

it('tells everybody who asked of a folder that is not there, and flushes it once it is', async () => {
  const folder = `${await temporaryFolder()}/later`;
  const ends = await Promise.allSettled([syncFolder(folder), syncFolder(folder)]);
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const soon = syncFolder(folder).catch(() => undefined);
  await mkdir(folder);
  await soon;
  await syncFolder(folder);
});
