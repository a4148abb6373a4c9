import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { openVolume, temporaryFolder } from '../testing/temporary-volume.ts';

it('a volume that is opened loses what killed processes left an hour ago, and nothing that is being written', async () => {
  const folder = await temporaryFolder();
  const temporary = `${folder}/state/temporary`;
  await mkdir(temporary, { recursive: true });
  await writeFile(`${temporary}/old`, 'x');
  await writeFile(`${temporary}/new`, 'x');
  const past = new Date(Date.now() - 2 * 3600 * 1000);
  await utimes(`${temporary}/old`, past, past);
  await openVolume(folder);
  expect(await readdir(temporary)).toEqual(['new']);
});
