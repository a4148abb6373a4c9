import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Digits } from '@pi-jobs/core';
import { ZipCache } from '@pi-jobs/digit-archive';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openSource } from './open-source.ts';

async function* text(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('3.1415');
}

const digits: Digits = { num: 5, certain: 5, complete: true, version: 'a', read: text, readText: text };

it('an archive that the disk does not tell the size of is closed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'open-source-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const handle = await open(`${folder}/any`, 'w');
  const handles = Object.getPrototypeOf(handle) as typeof handle;
  await handle.close();
  const failing = Object.assign(new Error('i/o error'), { code: 'EIO' });
  const stat = vi.spyOn(handles, 'stat').mockRejectedValueOnce(failing);
  onTestFinished(() => stat.mockRestore());
  const deps = {
    exchange: { open: () => Promise.reject(failing) },
    jobs: { get: async () => undefined },
    digits: { open: async () => digits, longest: async () => undefined },
    zips: new ZipCache(folder),
  };
  await expect(openSource(deps, { job_id: 1 }, new AbortController().signal)).rejects.toBe(failing);
  expect(stat.mock.contexts[0]).toHaveProperty('fd', -1);
});
