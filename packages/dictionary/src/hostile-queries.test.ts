import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDictionaryFolder } from './testing/dictionary-folder.ts';

const folder = openDictionaryFolder({ running: { limits: { timeoutMs: 3000 } } });
const outside = openDictionaryFolder();
afterAll(() => {
  folder[Symbol.dispose]();
  outside[Symbol.dispose]();
});

beforeAll(() => {
  outside.write('secret.txt', ['secret of others']);
  folder.write('quotes.txt', [
    '-e secret',
    '--help',
    '-f/etc/passwd',
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!',
    'plain',
  ]);
  folder.write('-rf', ['dashed']);
  folder.write('*', ['star']);
  folder.write('$(id)', ['dollar']);
  folder.write('.hidden', ['hidden']);
  mkdirSync(join(folder.dir, 'folder'));
  writeFileSync(join(folder.dir, 'folder', 'inner.txt'), 'inner\n');
  execFileSync('mkfifo', [join(folder.dir, 'fifo')]);
  const links = {
    'to-inside': 'quotes.txt',
    'to-hidden': '.hidden',
    'to-outside': join(outside.dir, 'secret.txt'),
    'to-outside-relative': `../${outside.dir.split('/').at(-1)}/secret.txt`,
    'to-outside-folder': outside.dir,
    'to-device': '/dev/zero',
    'to-folder': 'folder',
    'to-fifo': 'fifo',
    'to-itself': 'to-itself',
    dangling: 'nothing-there',
  };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(folder.dir, name));
});

const search = (term: unknown, fields: object = {}) => folder.ask({ action: 'search', term, ...fields });

describe('terms', () => {
  test.each(['-e secret', '--help', '-f/etc/passwd', '-', '--', '-e', '-r'])(
    '%s is a term and no option',
    async (term) => {
      const { results } = await search(term);
      for (const line of results) expect(line).toContain(term);
      expect(results.length > 0).toBe(/^-(e secret|-help|f\/etc\/passwd|-|e|)$/.test(term));
    },
  );

  test.each([
    ['with a newline', 'a\nb'],
    ['that ends in a newline', 'a\n'],
    ['with a NUL', 'a\0b'],
    ['of 1 MB', 'x'.repeat(1_000_000)],
    ['of 4,097 bytes', `${'é'.repeat(2048)}x`],
    ['with half a surrogate pair', 'a\ud83e'],
    ['that is empty', ''],
    ['that is a number', 3],
    ['that is a list', ['a']],
    ['that is null', null],
  ])('a term %s is refused', async (_, term) => {
    await expect(search(term)).rejects.toMatchObject({ kind: 'invalid_query', status: 400 });
  });

  test('a term of 4,096 bytes is searched for', async () => {
    expect((await search('é'.repeat(2048))).results).toEqual([]);
  });

  test.each(['$(touch /tmp/pwned)', '`id`', '; id', '| id', "' id '", '" id "', '& id', '> /tmp/x', '\\'])(
    'what a shell would make of %s is not made of it',
    async (term) => expect((await search(term)).results).toEqual([]),
  );
});

describe('expressions', () => {
  test.each([
    ['back references', '(a*)*\\1'],
    ['a back reference behind an escaped backslash', '(a)\\\\\\1'],
    ['huge counts', 'a{1,32767}'],
    ['nested counts', '(a{1,100}){1,100}'],
    ['counts on counts', 'a{100}{100}'],
    ['many counts', 'a{100}b{100}c{100}d{100}'],
    ['counts of long groups', '(abcdefghij){1,32}'],
    ['counts of sets', '[[:alpha:]]{1,302}'],
    ['an open-ended huge count', 'a{302,}'],
  ])('%s are refused', async (_, term) => {
    await expect(search(term, { regex: true })).rejects.toMatchObject({ kind: 'invalid_query', status: 400 });
  });

  test.each([
    '[\\1]',
    '[]\\1]+',
    '\\\\1',
    '(a{1,10}){1,10}',
    '[[:digit:]{9999}]',
    '(abcdefghij){1,31}',
    'x'.repeat(4096),
    'a{300}',
    '^.{5,255}$',
  ])('%s is harmless', async (term) => {
    expect((await search(term, { regex: true })).truncated).toBe(false);
  });

  test.each(['(unclosed', '[unclosed', 'a{2,1}', '\\'])('%s is no expression', async (term) => {
    await expect(search(term, { regex: true })).rejects.toMatchObject({ kind: 'invalid_query', status: 400 });
  });

  test.each([
    '(a+)+$',
    '(a|aa)+$',
    '(a|a?)+$',
    '(.*a){10}$',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
    '(x+x+)+y',
    '('.repeat(1500) + ')'.repeat(1500),
    '(a|b|ab)*'.repeat(200),
  ])('the backtracker’s nightmare %.40s is answered at once', async (term) => {
    const start = performance.now();
    await search(term, { regex: true });
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  test('a search that takes too long is ended and says so', async () => {
    using slow = openDictionaryFolder({ running: { limits: { timeoutMs: 150 } } });
    slow.write('quotes.txt', 'lorem ipsum dolor sit amet consectetur\n'.repeat(500_000));
    const failing = slow.ask({ action: 'search', term: '[^x]{255}', regex: true });
    await expect(failing).rejects.toMatchObject({ kind: 'query_failed', status: 403 });
    expect(slow.runner.running).toBe(0);
  });
});

describe('dictionary names', () => {
  test.each([
    '../secret.txt',
    '..',
    '.',
    '.hidden',
    '/etc/passwd',
    'folder/inner.txt',
    'folder\\inner.txt',
    '',
    'a\nb',
    'a\0b',
    'a\x1bb',
    'x'.repeat(256),
    '\ud800',
    7,
    null,
  ])('%j is no plain name', async (dictionary) => {
    await expect(folder.ask({ action: 'all', dictionary })).rejects.toMatchObject({
      kind: 'invalid_query',
      message: expect.stringContaining('dictionary: '),
    });
  });

  test.each([
    'nothing-there',
    'folder',
    'fifo',
    'to-outside',
    'to-outside-relative',
    'to-outside-folder',
    'to-device',
    'to-folder',
    'to-fifo',
    'to-itself',
    'to-hidden',
    'dangling',
    'quote?.txt',
    'quotes*',
    '~',
    'x'.repeat(255),
  ])('%s is no dictionary, and why is not told', async (dictionary) => {
    await expect(folder.ask({ action: 'all', dictionary })).rejects.toMatchObject({
      kind: 'query_failed',
      status: 403,
      message: `There is no readable dictionary "${dictionary}".`,
    });
  });

  test.each([
    ['-rf', 'dashed'],
    ['*', 'star'],
    ['$(id)', 'dollar'],
  ])('a dictionary may be called %s', async (dictionary, line) => {
    expect((await folder.ask({ action: 'all', dictionary })).results).toEqual([line]);
  });

  test('a link to a dictionary beside it is one', async () => {
    expect((await folder.ask({ action: 'all', dictionary: 'to-inside' })).results).toContain('plain');
  });
});

describe('folders to list', () => {
  test.each([
    '..',
    '../',
    'folder/..',
    './folder',
    '/',
    '/etc',
    'folder//x',
    '.git',
    'a\0',
    'a\n',
    '\\',
    3,
    null,
  ])('%j is no path below a root', async (path) => {
    await expect(folder.ask({ action: 'list', folder: path })).rejects.toMatchObject({
      kind: 'invalid_query',
    });
  });

  test.each([
    'nothing-there',
    'quotes.txt',
    'to-outside-folder',
    'dangling',
    'to-itself',
    'folder/inner.txt',
    '*',
  ])('%s is no folder to list', async (path) => {
    await expect(folder.ask({ action: 'list', folder: path })).rejects.toMatchObject({
      kind: 'query_failed',
      status: 403,
    });
  });
});

test.each([
  [{ action: 'search', term: 'a', nresults: 1.5 }, 'nresults: must be an integer.'],
  [{ action: 'search', term: 'a', nresults: '5' }, 'nresults: must be an integer.'],
  [{ action: 'search', term: 'a', n_before: -1 }, 'n_before: must be an integer from 0 to 1000.'],
  [{ action: 'search', term: 'a', n_after: 1001 }, 'n_after: must be an integer from 0 to 1000.'],
  [{ action: 'search', term: 'a', n_after: null }, 'n_after: must be an integer from 0 to 1000.'],
  [{ action: 'search', term: 'a', regex: 'yes' }, 'regex'],
  [{ action: 'search' }, 'term'],
  [{ action: 'search', term: 'a', folder: 'x' }, 'folder'],
  [{ action: 'all', term: 'a' }, 'term'],
  [{ action: 'list', dictionary: 'quotes.txt' }, 'dictionary'],
  [{ action: 'list', filter: 'a\0' }, 'filter'],
  [{ action: 5 }, 'action'],
  [{}, 'action'],
  [null, 'object'],
  [[], 'object'],
  ['search', 'object'],
])('%j is refused, and the message names what is wrong', async (body, named) => {
  await expect(folder.ask(body)).rejects.toMatchObject({
    kind: 'invalid_query',
    status: 400,
    message: expect.stringContaining(named),
  });
});

test.each([
  [{}, 'action: must be a string.'],
  [[], 'the query must be an object.'],
  [{ action: 'all', term: 'x' }, 'the query must not have the key "term".'],
  [{ action: 'search', term: 5, regex: 'yes' }, 'term: must be a string; regex: must be true or false.'],
])('%j is told what it must be, in the words of the other routes', async (query, message) => {
  await expect(folder.ask(query)).rejects.toMatchObject({ kind: 'invalid_query', message });
});
