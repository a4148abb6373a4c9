import { FileDigitSource, FileJobStore, FileVolume } from '@pi-jobs/core';
import type { ComposedStore } from './compose.ts';
import type { Config } from './config.ts';

/** Results on the shared volume. */
export async function composeFileStore(config: Config): Promise<ComposedStore> {
  const volume = await FileVolume.open(config.DATA_DIR);
  const jobs = new FileJobStore(volume);
  return {
    jobs,
    digits: new FileDigitSource(volume),
    check: () => volume.checkWritable(),
    async close() {
      await jobs.close();
      volume.close();
    },
  };
}
