import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { FileMessageQueue } from '../file-store/objects/file-message-queue.ts';
import { FileObjectStore } from '../file-store/objects/file-object-store.ts';
import { openStore, openVolume, temporaryFolder } from '../testing/temporary-volume.ts';
import { makeFolders } from './make-folders.ts';
import { syncFolder } from './sync-file.ts';

vi.mock('./sync-file.ts', { spy: true });
const flushed = vi.mocked(syncFolder);

it('makes a folder and those above it, for several who want it at once', async () => {
  const folder = await temporaryFolder();
  await Promise.all([1, 2, 3].map(() => makeFolders(`${folder}/a/b/c`)));
  expect((await stat(`${folder}/a/b/c`)).isDirectory()).toBe(true);
});

it('flushes the folders that got a name, and none when nothing was to be made', async () => {
  const folder = await temporaryFolder();
  await mkdir(`${folder}/a`);
  flushed.mockClear();
  await makeFolders(`${folder}/a/b/c`);
  expect(flushed.mock.calls.flat()).toEqual([`${folder}/a`, `${folder}/a/b`]);
  flushed.mockClear();
  await makeFolders(`${folder}/a/b/c`);
  expect(flushed).not.toHaveBeenCalled();
});

it('a volume, its queue, its objects and its keys stand in folders whose names are flushed', async () => {
  const root = `${await temporaryFolder()}/data`;
  flushed.mockClear();
  const store = openStore(await openVolume(root));
  const idempotency = { key: 'key', fingerprint: 'body' };
  await store.create({ num: 5, verify: false, idempotency });
  await FileMessageQueue.open(root);
  const objects = await FileObjectStore.open(root);
  onTestFinished(() => objects.close());
  await objects.put('output/a/b', Buffer.from('x'));
  const folders = await readdir(root, { recursive: true, withFileTypes: true });
  const parents = folders.filter((entry) => entry.isDirectory()).map(({ parentPath }) => parentPath);
  expect(flushed.mock.calls.flat()).toEqual(expect.arrayContaining([dirname(root), ...new Set(parents)]));
});

it('says where nothing can be made, instead of trying for ever', async () => {
  const folder = await temporaryFolder();
  await writeFile(`${folder}/file`, '');
  await expect(makeFolders(`${folder}/file`)).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolders(`${folder}/file/a`)).rejects.toMatchObject({ code: 'ENOTDIR' });
  if (process.platform === 'linux') {
    await expect(makeFolders('/proc/no-such-folder/state')).rejects.toMatchObject({ code: 'ENOENT' });
  }
});
