import { stat, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../testing/temporary-volume.ts';
import { makeFolders } from './make-folders.ts';

it('makes a folder and those above it, once', async () => {
  const folder = await temporaryFolder();
  const made = await Promise.all([1, 2, 3].map(() => makeFolders(`${folder}/a/b/c`)));
  expect(made).toContain(true);
  expect((await stat(`${folder}/a/b/c`)).isDirectory()).toBe(true);
  expect(await makeFolders(`${folder}/a/b/c`)).toBe(false);
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
