import {
  FileJobStore,
  FileMessageQueue,
  FileObjectStore,
  FileVolume,
  FileWorkQueue,
  ignoreStorageCondition,
  JobObserver,
} from '@pi-jobs/core';
import { createDigitEngine, usableMemoryBytes } from '@pi-jobs/pi-engine';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { type AppDependencies, createApp } from './app.ts';
import { Calculator } from './calculator/calculator.ts';
import { MemoryBudget } from './calculator/memory-budget.ts';
import type { Config } from './config.ts';
import { ImageWorker } from './images/image-worker.ts';
import { createCalculatorMetrics, createImageMetrics } from './metrics.ts';

/** Names the store and the engine; the only file of this service that does. */
export async function compose(config: Config, logger: Logger, version: string) {
  const volume = await FileVolume.open(config.DATA_DIR);
  const jobs = new FileJobStore(volume);
  const queue = await FileWorkQueue.open(volume, { maxConcurrentJobs: config.MAX_CONCURRENT_JOBS });
  const registry = new Registry();
  const countEnd = createCalculatorMetrics(registry, () => calculator);
  const calculator = new Calculator({
    queue,
    engine: createDigitEngine(),
    memory: new MemoryBudget(usableMemoryBytes()),
    log: logger,
    onEnd: (job, end) => countEnd(job.num, end),
  });
  const objects = await FileObjectStore.open(config.DATA_DIR);
  await objects.sweep().catch(ignoreStorageCondition);
  const images = new ImageWorker({
    store: objects,
    queue: await FileMessageQueue.open(config.DATA_DIR),
    maxConcurrentJobs: config.MAX_CONCURRENT_JOBS,
    scratchFolder: `${config.DATA_DIR}/state/scratch`,
    log: logger,
    onEnd: createImageMetrics(registry, () => images),
  });
  const dependencies: AppDependencies = {
    jobs,
    observer: new JobObserver(jobs),
    calculator,
    logger,
    registry,
    version,
    checkVolume: () => volume.checkWritable(),
  };
  return {
    app: createApp(dependencies),
    calculator,
    start(): void {
      calculator.start();
      images.start();
    },
    async stop(): Promise<void> {
      await Promise.all([calculator.stop(), images.stop()]);
    },
    async close(): Promise<void> {
      await jobs.close();
      objects.close();
      volume.close();
    },
  };
}
