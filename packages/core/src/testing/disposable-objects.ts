import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileMessageQueue } from '../file-store/objects/file-message-queue.ts';
import { FileObjectStore } from '../file-store/objects/file-object-store.ts';
import type { ObjectsUnderTest } from '../object-jobs/object-jobs.contract-suite.ts';

/** Objects and messages as files, in a folder that goes with them. */
export async function disposableObjects(): Promise<ObjectsUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'pi-jobs-'));
  const store = await FileObjectStore.open(folder);
  return {
    store,
    queue: await FileMessageQueue.open(folder),
    async [Symbol.asyncDispose]() {
      store.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
