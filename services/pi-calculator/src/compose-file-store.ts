import {
  FileJobStore,
  FileMessageQueue,
  FileObjectStore,
  FileVolume,
  FileWorkQueue,
  ignoreStorageCondition,
} from '@pi-jobs/core';
import type { ComposedStore } from './composed-store.ts';
import type { Config } from './config.ts';

/** Everything on the shared volume. */
export async function composeFileStore(
  config: Config,
  mostDigits: number,
  onUnreadable: (id: string) => void,
): Promise<ComposedStore> {
  const volume = await FileVolume.open(config.DATA_DIR);
  const jobs = new FileJobStore(volume);
  const objects = await FileObjectStore.open(config.DATA_DIR);
  await objects.sweep().catch(ignoreStorageCondition);
  return {
    jobs,
    work: await FileWorkQueue.open(volume, {
      maxConcurrentJobs: config.MAX_CONCURRENT_JOBS,
      mostDigits,
      onUnreadable,
    }),
    objects,
    messages: await FileMessageQueue.open(config.DATA_DIR),
    scratchFolder: `${config.DATA_DIR}/state/scratch`,
    check: () => volume.checkWritable(),
    async close() {
      await jobs.close();
      objects.close();
      volume.close();
    },
  };
}
