import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { FileJobStore } from '../file-store/jobs/file-job-store.ts';
import { FileVolume } from '../file-store/volume/file-volume.ts';

/** A folder that goes with the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pi-jobs-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Opens the volume in `folder` as one more process would; it is closed with the test. */
export async function openVolume(folder: string): Promise<FileVolume> {
  const volume = await FileVolume.open(folder);
  onTestFinished(() => volume.close());
  return volume;
}

/** A job store in the given volume, as one Job API process would have it. */
export function openStore(volume: FileVolume): FileJobStore {
  const store = new FileJobStore(volume);
  onTestFinished(() => store.close());
  return store;
}
