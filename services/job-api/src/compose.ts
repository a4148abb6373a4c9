import { availableParallelism } from 'node:os';
import {
  FileDigitSource,
  FileJobStore,
  FileMessageQueue,
  FileObjectStore,
  FileVolume,
  FileWorkerSlots,
  ignoreStorageCondition,
  JobObserver,
} from '@pi-jobs/core';
import { createDictionary, shippedDictionaries } from '@pi-jobs/dictionary';
import { ZipCache } from '@pi-jobs/digit-archive';
import { FileSystemExchange, UploadRules } from '@pi-jobs/file-exchange';
import { ImageJobs } from '@pi-jobs/image-jobs';
import { availableThreads, createDigitEngine, mostDigitsWithin, usableMemoryBytes } from '@pi-jobs/pi-engine';
import { createProgramRunner } from '@pi-jobs/process-runner';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { type AppDependencies, createApp } from './app.ts';
import type { Config } from './config.ts';
import { imageIntake } from './images/receive-image.ts';
import { StagedImage } from './images/staged-image.ts';
import { CalculatorNotifier } from './jobs/calculator-notifier.ts';
import { createJobMetrics } from './metrics.ts';

/** One search takes a core; more at once than there are cores and some only wait for each other. */
const QUERIES_AT_ONCE = Math.max(2, availableParallelism());
const QUERIES_IN_LINE = 2_000;
const WAITS_AT_ONCE = 500;
/** Their requests have been answered when the stores are closed, so the programs have ended too. */
const PROGRAMS_END_MS = 1_000;

/** Names the store; the only file of this service that does. */
export async function compose(
  config: Config,
  logger: Logger,
  version: string,
  times: Pick<AppDependencies, 'transferLimits' | 'heartbeatMs'> = {},
) {
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
  const objects = await FileObjectStore.open(config.DATA_DIR);
  const images = new ImageJobs(objects, await FileMessageQueue.open(config.DATA_DIR));
  const intake = imageIntake(`${config.DATA_DIR}/state/staging`, config.MAX_UPLOAD_BYTES);
  await StagedImage.sweep(intake.stagingFolder).catch(ignoreStorageCondition);
  const queryRunner = createProgramRunner({ maxRunning: QUERIES_AT_ONCE, maxWaiting: QUERIES_IN_LINE });
  const waitRunner = createProgramRunner({ maxRunning: WAITS_AT_ONCE, maxWaiting: 0 });
  // A second signal ends the process at once, and its programs with it.
  const endPrograms = (): void => {
    queryRunner.endAll();
    waitRunner.endAll();
  };
  process.once('exit', endPrograms);
  const dictionaryDir = config.DICTIONARY_DIR ?? shippedDictionaries;
  const dictionary = createDictionary({
    dir: dictionaryDir,
    listRoots: config.LIST_ROOTS ?? [dictionaryDir],
    runner: queryRunner,
  });
  const notifier = new CalculatorNotifier(config.PI_CALCULATOR_URL, logger);
  const registry = new Registry();
  createJobMetrics(registry, jobs);
  const app = createApp({
    jobs,
    observer,
    slots,
    images,
    intake,
    exchange,
    digits: new FileDigitSource(volume),
    zips: new ZipCache(`${config.DATA_DIR}/zips`),
    dictionary,
    waitRunner,
    maxUploadBytes: config.MAX_UPLOAD_BYTES,
    ...times,
    drainWaitMs: (config.SHUTDOWN_TIMEOUT_SECONDS * 1000 * 2) / 3,
    notifier,
    downloadApiUrl: config.DOWNLOAD_API_URL,
    maxDigits: config.MAX_DIGITS,
    mostDigits: mostDigitsWithin(createDigitEngine(), usableMemoryBytes(), availableThreads()),
    logger,
    registry,
    version,
    checkStore: () => volume.checkWritable(),
  });
  return {
    app,
    async close(): Promise<void> {
      await Promise.all([queryRunner.drain(PROGRAMS_END_MS), waitRunner.drain(PROGRAMS_END_MS)]);
      process.off('exit', endPrograms);
      await notifier.close();
      await slots.close();
      await jobs.close();
      objects.close();
      volume.close();
    },
  };
}
