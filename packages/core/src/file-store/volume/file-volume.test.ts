import { writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../testing/temporary-volume.ts';
import { FileVolume } from './file-volume.ts';

it('says which folder cannot be used, and why, instead of trying for ever', async () => {
  const folder = await temporaryFolder();
  await writeFile(`${folder}/file`, '');
  const refusal = {
    name: 'VolumeUnusableError',
    message: expect.stringContaining('(DATA_DIR) cannot be made'),
  };
  await expect(FileVolume.open(`${folder}/file`)).rejects.toMatchObject({ ...refusal, code: 'ENOTDIR' });
  if (process.platform === 'linux') {
    await expect(FileVolume.open('/proc/x')).rejects.toMatchObject({ ...refusal, code: 'ENOENT' });
  }
});
