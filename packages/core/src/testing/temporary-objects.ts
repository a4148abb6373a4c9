import { onTestFinished } from 'vitest';
import { FileMessageQueue } from '../file-store/objects/file-message-queue.ts';
import { FileObjectStore } from '../file-store/objects/file-object-store.ts';
import { temporaryFolder } from './temporary-volume.ts';

/** An object store and a message queue that go with the test. */
export async function temporaryObjects(options: { readonly maxAttempts?: number } = {}) {
  const folder = await temporaryFolder();
  const store = await FileObjectStore.open(folder);
  onTestFinished(() => store.close());
  return { store, queue: await FileMessageQueue.open(folder, options) };
}
