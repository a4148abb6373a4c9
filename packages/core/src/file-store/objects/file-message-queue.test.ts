import { describeMessageQueue, MAX_ATTEMPTS } from '../../ports/message-queue.contract-suite.ts';
import { temporaryFolder } from '../../testing/temporary-volume.ts';
import { FileMessageQueue } from './file-message-queue.ts';

describeMessageQueue('files', async () => {
  const queue = await FileMessageQueue.open(await temporaryFolder(), { maxAttempts: MAX_ATTEMPTS });
  return { queue, [Symbol.asyncDispose]: async () => undefined };
});
