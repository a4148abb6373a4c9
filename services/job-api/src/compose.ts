import { FileDigitSource, FileJobStore, FileVolume, FileWorkerSlots, JobObserver } from '@pi-jobs/core';
import { ZipCache } from '@pi-jobs/digit-archive';
import { FileSystemExchange, UploadRules } from '@pi-jobs/file-exchange';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { createApp } from './app.ts';
import type { Config } from './config.ts';
import { CalculatorNotifier } from './jobs/calculator-notifier.ts';
import { createJobMetrics } from './metrics.ts';

/** Names the store; the only file of this service that does. */
export async function compose(config: Config, logger: Logger, version: string) {
  const volume = await FileVolume.open(config.DATA_DIR);
  const jobs = new FileJobStore(volume);
  const observer = new JobObserver(jobs);
  const slots = await FileWorkerSlots.open(volume, {
    maxConcurrentJobs: config.MAX_CONCURRENT_JOBS,
    ttlSeconds: config.WORKER_ID_TTL_SECONDS,
    jobs,
    observer,
  });
  const rules = new UploadRules({
    allowedExtensions: config.UPLOAD_EXTENSIONS,
    maxBytes: config.MAX_UPLOAD_BYTES,
  });
  const exchange = await FileSystemExchange.open({ rules, dataFolder: config.DATA_DIR });
  const notifier = new CalculatorNotifier(config.PI_CALCULATOR_URL, logger);
  const registry = new Registry();
  createJobMetrics(registry, jobs);
  const app = createApp({
    jobs,
    observer,
    slots,
    exchange,
    digits: new FileDigitSource(volume),
    zips: new ZipCache(`${config.DATA_DIR}/zips`),
    maxUploadBytes: config.MAX_UPLOAD_BYTES,
    drainWaitMs: (config.SHUTDOWN_TIMEOUT_SECONDS * 1000 * 2) / 3,
    notifier,
    downloadApiUrl: config.DOWNLOAD_API_URL,
    maxDigits: config.MAX_DIGITS,
    logger,
    registry,
    version,
    checkStore: () => volume.checkWritable(),
  });
  return {
    app,
    async close(): Promise<void> {
      await notifier.close();
      await slots.close();
      await jobs.close();
      volume.close();
    },
  };
}
