import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Digits } from '@pi-jobs/core';
import { expect, onTestFinished, test } from 'vitest';
import { type Entry, openPromise } from 'yauzl';
import { zipDigits } from './zip-digits.ts';

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pi-jobs-zip-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function resultOf(text: string, chunkBytes = 1 << 20): Digits {
  const num = Math.max(1, text.length - 1);
  async function* readText(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < text.length; at += chunkBytes) yield Buffer.from(text.slice(at, at + chunkBytes));
  }
  return { num, certain: num, complete: true, version: 'a', read: readText, readText };
}

const never = new AbortController().signal;

async function readArchive(path: string): Promise<{ entries: Entry[]; text: string }> {
  const zip = await openPromise(path);
  const entries: Entry[] = [];
  let text = '';
  for await (const entry of zip.eachEntry()) {
    entries.push(entry);
    text += await buffer(await zip.openReadStreamPromise(entry));
  }
  return { entries, text };
}

test.each([1, 2, 3, 1_000, 700_000])('%i digits come out of the archive as they went in', async (num) => {
  const path = join(await temporaryFolder(), 'a.zip');
  const text = `3${num === 1 ? '' : '.'}${'1415926535897932384626433'.repeat(28_000)}`.slice(
    0,
    num === 1 ? 1 : num + 1,
  );
  const sha256 = await zipDigits('12', resultOf(text), path, never);
  const archive = await readArchive(path);
  expect(archive.entries.map(({ fileName }) => fileName)).toEqual(['digits_of_pi_12.txt']);
  expect(archive.text === text).toBe(true);
  expect(sha256).toBe(
    createHash('sha256')
      .update(await readFile(path))
      .digest('base64'),
  );
});

test('the bytes are the same however the result is read', async () => {
  const folder = await temporaryFolder();
  const text = `3.${'1415926535897932384626433'.repeat(100)}`;
  const sums = await Promise.all(
    [1, 7, 1_000, 1 << 20].map((chunkBytes) =>
      zipDigits('1', resultOf(text, chunkBytes), join(folder, `${chunkBytes}.zip`), never),
    ),
  );
  expect(new Set(sums).size).toBe(1);
});

test('a result that is not whole, or not digits, makes no archive', async () => {
  const folder = await temporaryFolder();
  const cut = { ...resultOf('3.1415'), num: 6 };
  await expect(zipDigits('1', cut, join(folder, 'a.zip'), never)).rejects.toThrow(
    'the result is 6 bytes of text, 7 are expected',
  );
  await expect(zipDigits('1', resultOf('3.14\0\0'), join(folder, 'b.zip'), never)).rejects.toThrow(
    'byte 4 of the result is 0x0, which is no digit',
  );
});

test('an archive that nobody waits for any more is given up', async () => {
  const path = join(await temporaryFolder(), 'a.zip');
  const signal = AbortSignal.abort(new Error('went away'));
  await expect(zipDigits('1', resultOf('3.1415'), path, signal)).rejects.toThrow('went away');
});

test('an archive that is given up half made lets go of the result', async () => {
  const path = join(await temporaryFolder(), 'a.zip');
  const client = new AbortController();
  const letGo = Promise.withResolvers<string>();
  async function* readText(): AsyncGenerator<Uint8Array> {
    try {
      yield Buffer.from('3.');
      client.abort(new Error('went away'));
      for (;;) yield Buffer.alloc(1 << 20, '1');
    } finally {
      letGo.resolve('let go');
    }
  }
  await expect(zipDigits('1', { ...resultOf('3.1'), readText }, path, client.signal)).rejects.toThrow(
    'went away',
  );
  expect(await letGo.promise).toBe('let go');
});
