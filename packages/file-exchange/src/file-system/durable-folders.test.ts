import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolders } from '@pi-jobs/core';
import { expect, it, onTestFinished, vi } from 'vitest';
import { UploadRules } from '../rules/upload-rules.ts';
import { FileSystemExchange } from './file-system-exchange.ts';

vi.mock('@pi-jobs/core', { spy: true });

it('the folders of an exchange are made durably', async () => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'file-exchange-'));
  onTestFinished(() => rm(dataFolder, { recursive: true }));
  await FileSystemExchange.open({ rules: new UploadRules({ maxBytes: 1 }), dataFolder });
  expect(vi.mocked(makeFolders).mock.calls).toEqual([
    [join(dataFolder, 'files')],
    [join(dataFolder, 'files.partial')],
  ]);
});
