import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type ErrorKind, errorTable } from './error-table.ts';
import { type DictionaryFolder, openDictionaryFolder } from './testing/dictionary-folder.ts';

/** Each error that a query itself can end in, and what forces it. The others are HTTP's. */
const forced: Partial<Record<ErrorKind, (folder: DictionaryFolder) => Promise<unknown>>> = {
  invalid_query: ({ ask }) => ask({ action: 'search' }),
  query_failed: ({ ask }) => ask({ action: 'all', dictionary: 'nothing-there' }),
  action_not_implemented: ({ ask }) => ask({ action: 'translate' }),
  internal_error: async () => {
    using folder = openDictionaryFolder({ running: { env: { PATH: '/nowhere' } } });
    folder.write('quotes.txt', ['x']);
    return await folder.ask({ action: 'all' });
  },
  line_full: async () => {
    using folder = openDictionaryFolder({ running: { maxRunning: 1, maxWaiting: 0 } });
    folder.write('quotes.txt', ['x']);
    const busy = folder.runner.run({ program: 'sleep', args: ['100'] });
    await folder.ask({ action: 'all' }).finally(() => folder.runner.endAll());
    return busy;
  },
  shutting_down: async ({ runner, ask }) => {
    await runner.drain(1000);
    return ask({ action: 'all' });
  },
};

describe('every error of a query can be forced', () => {
  test.each(Object.entries(forced))('%s', async (kind, force) => {
    using folder = openDictionaryFolder();
    folder.write('quotes.txt', ['x']);
    const { status } = errorTable[kind as ErrorKind];
    await expect(force(folder)).rejects.toMatchObject({ name: 'DictionaryError', kind, status });
  });
});

test('the table has every status that the query API answers', () => {
  const statuses = new Set(Object.values(errorTable).map((row) => row.status));
  expect([...statuses].sort()).toEqual([400, 403, 404, 405, 413, 415, 500, 501, 503]);
});

test.each(['constructor', '__proto__', 'toString', 'ALL', ' all', 'x'.repeat(100_000)])(
  'the action %.20s is not implemented',
  async (action) => {
    using folder = openDictionaryFolder();
    const failing = folder.ask({ action });
    await expect(failing).rejects.toMatchObject({ kind: 'action_not_implemented', status: 501 });
    await expect(failing).rejects.toSatisfy((error: Error) => error.message.length < 100);
  },
);

test('a program that is ended from outside or by the stop of the server is an error of its kind', async () => {
  using folder = openDictionaryFolder();
  folder.write('quotes.txt', 'a line that is long enough to take a while\n'.repeat(1_000_000));
  const ask = async () => {
    const failing = folder.ask({ action: 'search', term: '[^x]{255}', regex: true });
    failing.catch(() => undefined);
    while (folder.runner.running === 0) await sleep(1);
    return { failing };
  };
  if (process.platform === 'linux') {
    const killed = await ask();
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
    const pid = children.find((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').startsWith('grep\0'));
    process.kill(Number(pid), 'SIGKILL');
    await expect(killed.failing).rejects.toMatchObject({ kind: 'query_failed', status: 403 });
  }
  const stopped = await ask();
  folder.runner.endAll();
  await expect(stopped.failing).rejects.toMatchObject({ kind: 'shutting_down', status: 503 });
});
