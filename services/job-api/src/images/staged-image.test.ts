import { createHash } from 'node:crypto';
import { mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, it, onTestFinished, vi } from 'vitest';
import { StagedImage } from './staged-image.ts';

const photograph = await readFile(new URL('../../../../tests/rainier.jpg', import.meta.url));

/** The photograph and bytes behind it, as cameras leave them. */
const imageOf = (bytes: number): Buffer => Buffer.concat([photograph], bytes);

async function stage(image: Buffer, chunkBytes: number) {
  const folder = await mkdtemp(join(tmpdir(), 'staged-image-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const staged = await StagedImage.create(`${folder}/staging`);
  const write = async () => {
    for (let at = 0; at < image.length; at += chunkBytes)
      await staged.write(image.subarray(at, at + chunkBytes));
  };
  return { staged, write, files: () => readdir(`${folder}/staging`).catch(() => []) };
}

it.each([
  [photograph.length, 65_536, 0],
  [photograph.length, 700, 0],
  [photograph.length, 50, 1],
  [1024 * 1024, 65_536, 0],
  [1024 * 1024 + 1, 65_536, 1],
  [5_000_000, 65_536, 1],
  [5_000_000, 3_000_000, 1],
])(
  'an image of %i bytes in chunks of %i comes out as it went in, by way of %i files',
  async (bytes, chunkBytes, count) => {
    const image = imageOf(bytes);
    const { staged, write, files } = await stage(image, chunkBytes);
    await write();
    expect(await staged.identify(10_000_000)).toMatchObject({
      type: 'jpeg',
      bytes,
      width: 1600,
      height: 1200,
    });
    expect(await files()).toHaveLength(count);
    expect(await staged.sha256()).toBe(createHash('sha256').update(image).digest('hex'));
    const content = staged.content();
    const there = 'filePath' in content ? await readFile(content.filePath) : await buffer(content);
    expect(image.equals(there)).toBe(true);
    await staged.abort();
    await staged.abort();
    expect(await files()).toEqual([]);
  },
);

it('what is no image is refused by its first bytes, however they come', async () => {
  for (const chunkBytes of [1, 100, 5_000]) {
    const { write } = await stage(Buffer.alloc(5_000, 'no image'), chunkBytes);
    await expect(write()).rejects.toMatchObject({ code: 'IMAGE_UNSUPPORTED_TYPE' });
  }
});

it('an upload that is given up while it is written leaves no file', async () => {
  const { staged, write, files } = await stage(imageOf(5_000_000), 2_000_000);
  const outcome = write().then(
    () => 'written',
    (error: Error) => error.message,
  );
  await staged.abort();
  expect(await outcome).toBe('the upload was given up');
  expect(await files()).toEqual([]);
});

it('an upload that is given up and then refused by the disk leaves no file, and none open', async () => {
  const { staged, write, files } = await stage(imageOf(5_000_000), 2_000_000);
  const handle = await open(import.meta.filename);
  const handles = Object.getPrototypeOf(handle) as typeof handle;
  await handle.close();
  const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  const append = vi.spyOn(handles, 'appendFile').mockRejectedValueOnce(full);
  onTestFinished(() => append.mockRestore());
  const outcome = write().catch((error: unknown) => error);
  await staged.abort();
  expect(await outcome).toBe(full);
  expect(append.mock.contexts[0]).toHaveProperty('fd', -1);
  expect(await files()).toEqual([]);
});
