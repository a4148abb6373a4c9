import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { Upload } from '@tus/server';
import { expect, it, onTestFinished, vi } from 'vitest';
import { answerRequest, expectChecksum, parseUploadChecksum } from '../upload-checksum.ts';
import { FileResumableStore } from './file-resumable-store.ts';

it('drops bytes without a right checksum, and nothing that another instance has written meanwhile', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'resumable-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const exchange = { adopt: () => Promise.reject(new Error('not asked for')) };
  const [one, other] = [
    await FileResumableStore.open({ exchange, folder }),
    await FileResumableStore.open({ exchange, folder }),
  ];
  const id = 'a'.repeat(32);
  await one.create(new Upload({ id, size: 10, offset: 0, metadata: { filename: 'a.txt' } }));
  const sum = createHash('sha1').update('some text!').digest('base64');
  const standing = new PassThrough();
  const written = answerRequest(async () => {
    expectChecksum(parseUploadChecksum(`sha1 ${sum}`));
    await one.write(standing as unknown as Readable, id, 0);
  }).catch(() => 'given up');
  standing.write('some');
  await vi.waitFor(async () => expect((await readdir(folder)).length).toBe(3), 10_000);
  expect((await other.getUpload(id)).offset).toBe(0);
  expect(await other.write(Readable.from([Buffer.from('other')]), id, 0)).toBe(5);
  standing.destroy(new Error('the line is cut'));
  expect(await written).toBe('given up');
  expect(await readFile(join(folder, id), 'utf8')).toBe('other');
  expect((await readdir(folder)).sort()).toEqual([id, `${id}.json`]);
});
