import { FileDigitSource, FileJobStore, FileVolume } from '@pi-jobs/core';
import { FileSystemExchange, type UploadRules } from '@pi-jobs/file-exchange';
import { FileResumableStore } from '@pi-jobs/resumable-uploads';
import type { ComposedStore } from './composed-store.ts';

/** Results and files on the shared volume. */
export async function composeFileStore(dataFolder: string, rules: UploadRules): Promise<ComposedStore> {
  const volume = await FileVolume.open(dataFolder);
  const jobs = new FileJobStore(volume);
  const exchange = await FileSystemExchange.open({ rules, dataFolder });
  const folder = `${dataFolder}/files.partial/resumable`;
  const resumable = await FileResumableStore.open({ exchange, folder });
  return {
    jobs,
    digits: new FileDigitSource(volume),
    exchange,
    resumable,
    async sweep() {
      await resumable.deleteExpired();
    },
    check: () => volume.checkWritable(),
    async close() {
      await jobs.close();
      volume.close();
    },
  };
}
