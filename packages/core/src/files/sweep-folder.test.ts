import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { FileMessageQueue } from '../file-store/objects/file-message-queue.ts';
import { openVolume, temporaryFolder } from '../testing/temporary-volume.ts';

it.each([
  ['volume', 'state/temporary', openVolume],
  ['queue', 'queue/temporary', (folder: string) => FileMessageQueue.open(folder)],
])(
  'a %s that is opened loses what killed processes left an hour ago, and nothing that is being written',
  async (_, place, open) => {
    const folder = await temporaryFolder();
    const temporary = `${folder}/${place}`;
    await mkdir(temporary, { recursive: true });
    await writeFile(`${temporary}/old`, 'x');
    await writeFile(`${temporary}/new`, 'x');
    const past = new Date(Date.now() - 2 * 3600 * 1000);
    await utimes(`${temporary}/old`, past, past);
    await open(folder);
    expect(await readdir(temporary)).toEqual(['new']);
  },
);
