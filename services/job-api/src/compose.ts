import { availableParallelism } from 'node:os';
import { ignoreStorageCondition, sweepKeyObjects } from '@pi-jobs/core';
import { createDictionary, shippedDictionaries } from '@pi-jobs/dictionary';
import { ZipCache } from '@pi-jobs/digit-archive';
import { UploadRules } from '@pi-jobs/file-exchange';
import { ImageJobs } from '@pi-jobs/image-jobs';
import { createProgramRunner } from '@pi-jobs/process-runner';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { type AppDependencies, createApp } from './app.ts';
import { composeFileStore } from './compose-file-store.ts';
import type { Config } from './config.ts';
import { imageIntake } from './images/receive-image.ts';
import { StagedImage } from './images/staged-image.ts';
import { createJobMetrics } from './metrics.ts';

/** One search takes a core; more at once than there are cores and some only wait for each other. */
const QUERIES_AT_ONCE = Math.max(2, availableParallelism());
const QUERIES_IN_LINE = 2_000;
const WAITS_AT_ONCE = 500;
/** Their requests have been answered when the stores are closed, so the programs have ended too. */
const PROGRAMS_END_MS = 1_000;
const KEY_SWEEP_MS = 3600 * 1000;

/** Chooses the store, in the files beside this one; the AWS SDK, which takes long to load, only where it is asked for. */
export async function compose(
  config: Config,
  logger: Logger,
  version: string,
  times: Pick<AppDependencies, 'transferLimits' | 'heartbeatMs'> = {},
) {
  const rules = new UploadRules({
    allowedExtensions: config.UPLOAD_EXTENSIONS,
    maxBytes: config.MAX_UPLOAD_BYTES,
  });
  const store =
    config.STORE === 'aws'
      ? await (await import('./compose-aws-store.ts')).composeAwsStore(config, rules)
      : await composeFileStore(config, rules, logger);
  const images = new ImageJobs(store.objects, store.messages);
  const intake = imageIntake(store.stagingFolder, config.MAX_UPLOAD_BYTES);
  await StagedImage.sweep(intake.stagingFolder).catch(ignoreStorageCondition);
  const sweepKeys = (): Promise<void> => sweepKeyObjects(store.objects).catch(() => undefined);
  const sweeping = setInterval(() => void sweepKeys(), KEY_SWEEP_MS).unref();
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
  const registry = new Registry();
  createJobMetrics(registry, store.jobs);
  const app = createApp({
    jobs: store.jobs,
    observer: store.observer,
    slots: store.slots,
    digits: store.digits,
    notifier: store.notifier,
    ...(store.pollMs === undefined ? {} : { pollMs: store.pollMs }),
    images,
    intake,
    exchange: store.exchange,
    zips: new ZipCache(`${config.DATA_DIR}/zips`),
    dictionary,
    waitRunner,
    maxUploadBytes: config.MAX_UPLOAD_BYTES,
    ...times,
    drainWaitMs: (config.SHUTDOWN_TIMEOUT_SECONDS * 1000 * 2) / 3,
    downloadApiUrl: config.DOWNLOAD_API_URL,
    maxDigits: config.MAX_DIGITS,
    capacity: store.capacity,
    logger,
    registry,
    version,
    checkStore: () => store.check(),
  });
  return {
    app,
    async close(): Promise<void> {
      await Promise.all([queryRunner.drain(PROGRAMS_END_MS), waitRunner.drain(PROGRAMS_END_MS)]);
      process.off('exit', endPrograms);
      clearInterval(sweeping);
      await store.close();
    },
  };
}
