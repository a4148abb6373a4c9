import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findDictionary } from './find-dictionary.ts';
import { openDictionaryFolder } from './testing/dictionary-folder.ts';

test('the default is quotes.txt, else the first file by name that is no hidden one', async () => {
  using folder = openDictionaryFolder();
  const found = async () => (await findDictionary(folder.dir, undefined)).split('/').at(-1);
  for (const name of ['.first', 'b.txt', 'quotes.txt', 'é.txt', 'B.txt']) folder.write(name, 'x');
  mkdirSync(join(folder.dir, 'A-folder'));
  expect(await found()).toBe('quotes.txt');
  rmSync(join(folder.dir, 'quotes.txt'));
  expect(await found()).toBe('B.txt');
  mkdirSync(join(folder.dir, 'quotes.txt'));
  expect(await found()).toBe('B.txt');
});

test('a folder without a dictionary, or no folder at all, has no default', async () => {
  using folder = openDictionaryFolder();
  for (const dir of [folder.dir, join(folder.dir, 'missing')]) {
    await expect(findDictionary(dir, undefined)).rejects.toMatchObject({ kind: 'query_failed', status: 403 });
  }
});
