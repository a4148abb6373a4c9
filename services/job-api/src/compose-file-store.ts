import {
  FileCapacity,
  FileDigitSource,
  FileJobStore,
  FileMessageQueue,
  FileObjectStore,
  FileVolume,
  FileWorkerSlots,
  JobObserver,
} from '@pi-jobs/core';
import { FileSystemExchange, type UploadRules } from '@pi-jobs/file-exchange';
import type { Logger } from 'pino';
import type { ComposedStore } from './composed-store.ts';
import type { Config } from './config.ts';
import { CalculatorNotifier } from './jobs/calculator-notifier.ts';

/** Everything on the shared volume. */
export async function composeFileStore(
  config: Config,
  rules: UploadRules,
  logger: Logger,
): Promise<ComposedStore> {
  const volume = await FileVolume.open(config.DATA_DIR);
  const jobs = new FileJobStore(volume);
  const observer = new JobObserver(jobs);
  const slots = await FileWorkerSlots.open(volume, {
    maxConcurrentJobs: config.MAX_CONCURRENT_JOBS,
    ttlSeconds: config.WORKER_ID_TTL_SECONDS,
    jobs,
    observer,
  });
  const objects = await FileObjectStore.open(config.DATA_DIR);
  const notifier = new CalculatorNotifier(config.PI_CALCULATOR_URL, logger);
  return {
    jobs,
    observer,
    slots,
    capacity: new FileCapacity(volume),
    digits: new FileDigitSource(volume),
    exchange: await FileSystemExchange.open({ rules, dataFolder: config.DATA_DIR }),
    objects,
    messages: await FileMessageQueue.open(config.DATA_DIR),
    notifier,
    stagingFolder: `${config.DATA_DIR}/state/staging`,
    check: () => volume.checkWritable(),
    async close() {
      await notifier.close();
      await slots.close();
      await jobs.close();
      objects.close();
      volume.close();
    },
  };
}
