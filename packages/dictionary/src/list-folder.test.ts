import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openDictionaryFolder } from './testing/dictionary-folder.ts';

const first = openDictionaryFolder();
const second = openDictionaryFolder();
const folder = openDictionaryFolder({ listRoots: [join(first.dir, 'missing'), first.dir, second.dir] });
afterAll(() => {
  for (const each of [first, second, folder]) each[Symbol.dispose]();
});
mkdirSync(join(first.dir, 'both'));
mkdirSync(join(second.dir, 'both'));
mkdirSync(join(second.dir, 'only', 'deep'), { recursive: true });
writeFileSync(join(first.dir, 'both', 'from-first'), '');
writeFileSync(join(first.dir, 'only'), 'a file, no folder');
const names = [
  'a.txt',
  'b.txt',
  'ü.md',
  'with space',
  'new\nline',
  'back\\slash',
  '\\n',
  'tab\t',
  "quo'te",
  '-l',
  '*',
];
for (const name of [...names, '.hidden']) writeFileSync(join(second.dir, 'only', 'deep', name), '');

const list = (path: string, filter?: string) => folder.ask({ action: 'list', folder: path, filter });

test('the names are those that ls shows, in its order', async () => {
  const { results, truncated } = await list('only/deep');
  expect([...results].sort()).toEqual([...names].sort());
  expect(truncated).toBe(false);
  rmSync(join(second.dir, 'only', 'deep', 'new\nline'));
  const shown = execFileSync('ls', [join(second.dir, 'only', 'deep')], {
    encoding: 'utf8',
    env: { LC_ALL: 'C.UTF-8' },
  });
  writeFileSync(join(second.dir, 'only', 'deep', 'new\nline'), '');
  expect(
    results
      .filter((name) => name !== 'new\nline')
      .map((name) => `${name}\n`)
      .join(''),
  ).toBe(shown);
});

test('a glob chooses among the names, and hidden ones stay hidden', async () => {
  expect((await list('only/deep', '*.txt'))['results']).toEqual(['a.txt', 'b.txt']);
  expect((await list('only/deep', '?.*'))['results']).toEqual(['a.txt', 'b.txt', 'ü.md']);
  expect((await list('only/deep', '.*')).results).toEqual([]);
  expect((await list('only/deep', '-l')).results).toEqual(['-l']);
  expect(await list('only/deep', 'none*')).toEqual({ 'nr of entries': 0, results: [], truncated: false });
});

test('the first root that has the folder is taken', async () => {
  expect((await list('both')).results).toEqual(['from-first']);
  expect((await list('only')).results).toEqual(['deep']);
});

test('the empty folder is the root itself, and so is none', async () => {
  expect((await list('')).results).toEqual(['both', 'only']);
  expect((await folder.ask({ action: 'list' })).results).toEqual(['both', 'only']);
});

test('a slash at the end changes nothing', async () => {
  expect((await list('only/deep/', 'a*')).results).toEqual(['a.txt']);
});

test('a listing that is too large says that it was cut', async () => {
  using small = openDictionaryFolder({ maxResultSize: 50 });
  for (let i = 10; i < 20; i++) small.write(`${i}`, '');
  expect(await small.ask({ action: 'list' })).toEqual({
    'nr of entries': 5,
    results: ['10', '11', '12', '13', '14'],
    truncated: true,
  });
});
