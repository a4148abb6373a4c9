import { FileJobStore, FileVolume } from '@pi-jobs/core';
import { onTestFinished } from 'vitest';

/** The volume's job store in the test's own process, for tests that need no Job API. Closed with the test. */
export async function openJobStore(dataDir: string): Promise<FileJobStore> {
  const volume = await FileVolume.open(dataDir);
  const store = new FileJobStore(volume);
  onTestFinished(async () => {
    await store.close();
    volume.close();
  });
  return store;
}
