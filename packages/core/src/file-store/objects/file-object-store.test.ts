import { readdir, utimes, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { describeObjectStore } from '../../ports/object-store.contract-suite.ts';
import { temporaryFolder } from '../../testing/temporary-volume.ts';
import { FileObjectStore } from './file-object-store.ts';

describeObjectStore('files', async () => {
  const folder = await temporaryFolder();
  const store = await FileObjectStore.open(folder);
  return {
    store,
    countLeftovers: async () => (await readdir(`${folder}/state/objects`)).length,
    [Symbol.asyncDispose]: async () => store.close(),
  };
});

it('removes what a killed process left of a put a day ago, and nothing that may be under way', async () => {
  const folder = await temporaryFolder();
  const store = await FileObjectStore.open(folder);
  const aDayAgo = Date.now() / 1000 - 25 * 3600;
  await writeFile(`${folder}/state/objects/old`, 'half');
  await utimes(`${folder}/state/objects/old`, aDayAgo, aDayAgo);
  await writeFile(`${folder}/state/objects/new`, 'half');
  await store.sweep();
  expect(await readdir(`${folder}/state/objects`)).toEqual(['new']);
  store.close();
});
