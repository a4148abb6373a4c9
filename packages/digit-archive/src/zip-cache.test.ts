import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Digits } from '@pi-jobs/core';
import { expect, it, onTestFinished } from 'vitest';
import { ZipCache } from './zip-cache.ts';

async function* text(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('3.1415');
}

const digits: Digits = { num: 5, certain: 5, complete: true, version: 'a', read: text, readText: text };

it('makes an archive for whoever asks right after the last one who waited for it went away', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pi-jobs-zips-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const zips = new ZipCache(folder);
  const client = new AbortController();
  const impatient = zips.get('1', digits, client.signal);
  const outcome = impatient.then(
    () => 'made',
    () => zips.get('1', digits, new AbortController().signal).then(({ path }) => path),
  );
  // The archive is under way as soon as the look for a kept one has found none.
  for (let looks = 0; looks < 3; looks += 1) await new Promise(setImmediate);
  client.abort(new Error('went away'));
  expect(['made', `${folder}/1.5.zip`]).toContain(await outcome);
});

it.each<[string, (path: string) => Promise<void>]>([
  ['is shorter than it was', (path) => truncate(path, 10)],
  ['has lost its facts', (path) => rm(`${path}.json`)],
  ['has facts that are damaged', (path) => writeFile(`${path}.json`, '{"sha256"')],
  ['has facts without its size', (path) => writeFile(`${path}.json`, '{"sha256":"x"}')],
])('makes an archive again, the same, that %s', async (_, damage) => {
  const folder = await mkdtemp(join(tmpdir(), 'pi-jobs-zips-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const zips = new ZipCache(folder);
  const get = () => zips.get('1', digits, new AbortController().signal);
  const made = await get();
  const bytes = await readFile(made.path);
  await damage(made.path);
  expect(await get()).toEqual(made);
  expect(await readFile(made.path)).toEqual(bytes);
});
