import { JobObserver } from '@pi-jobs/core';
import { availableThreads, createDigitEngine, mostDigitsWithin, usableMemoryBytes } from '@pi-jobs/pi-engine';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { type AppDependencies, createApp } from './app.ts';
import { Calculator } from './calculator/calculator.ts';
import { MemoryBudget } from './calculator/memory-budget.ts';
import { composeFileStore } from './compose-file-store.ts';
import type { Config } from './config.ts';
import { ImageWorker } from './images/image-worker.ts';
import { JobMessages } from './job-messages.ts';
import { createCalculatorMetrics, createImageMetrics, createRecordMetrics } from './metrics.ts';

/** Chooses the engine and the store, in the files beside this one; the AWS SDK, which takes long to load, only where it is asked for. */
export async function compose(config: Config, logger: Logger, version: string) {
  const engine = createDigitEngine();
  const mostDigits = mostDigitsWithin(engine, usableMemoryBytes(), availableThreads());
  const registry = new Registry();
  const countUnreadable = createRecordMetrics(registry);
  const onUnreadable = (id: string): void => {
    countUnreadable();
    logger.error(
      { job_id: id },
      'the record of the job cannot be read: it has failed, its file is in state/unreadable',
    );
  };
  const store =
    config.STORE === 'aws'
      ? await (await import('./compose-aws-store.ts')).composeAwsStore(config, mostDigits)
      : await composeFileStore(config, mostDigits, onUnreadable);
  const { jobs, digitMessages } = store;
  const countEnd = createCalculatorMetrics(registry, () => calculator);
  const calculator = new Calculator({
    queue: store.work,
    engine,
    memory: new MemoryBudget(usableMemoryBytes()),
    log: logger,
    onEnd: (job, end) => countEnd(job.num, end),
  });
  if (digitMessages !== undefined) digitMessages.onArrival = () => calculator.poke();
  const images = new ImageWorker({
    store: store.objects,
    maxConcurrentJobs: config.MAX_CONCURRENT_JOBS,
    scratchFolder: store.scratchFolder,
    log: logger,
    onEnd: createImageMetrics(registry, () => images),
  });
  const messages = new JobMessages({
    store: store.objects,
    queue: store.messages,
    // The image engine has slots of its own, and digit jobs theirs: images are fetched and stored while others are worked on, and while
    // digits take up every slot.
    concurrency: config.MAX_CONCURRENT_JOBS * (digitMessages === undefined ? 2 : 3),
    handlers: { image: images, ...(digitMessages === undefined ? {} : { digits: digitMessages }) },
    log: logger,
  });
  const dependencies: AppDependencies = {
    jobs,
    observer: new JobObserver(jobs, store.pollMs),
    calculator,
    logger,
    registry,
    version,
    checkVolume: () => store.check(),
  };
  return {
    app: createApp(dependencies),
    calculator,
    start(): void {
      calculator.start();
      messages.start();
    },
    async stop(): Promise<void> {
      await Promise.all([messages.stop(), calculator.stop()]);
      await images.close();
    },
    close: () => store.close(),
  };
}
