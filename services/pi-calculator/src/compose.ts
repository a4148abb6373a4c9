import { FileJobStore, FileVolume, FileWorkQueue, JobObserver } from '@pi-jobs/core';
import { createDigitEngine, machineMemoryBytes } from '@pi-jobs/pi-engine';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { type AppDependencies, createApp } from './app.ts';
import { Calculator } from './calculator/calculator.ts';
import { MemoryBudget } from './calculator/memory-budget.ts';
import type { Config } from './config.ts';
import { createCalculatorMetrics } from './metrics.ts';

/** The rest is the operating system's, its page cache's and the other services'. */
const USABLE_MEMORY = 0.85;

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
    memory: new MemoryBudget(machineMemoryBytes() * USABLE_MEMORY),
    log: logger,
    onEnd: (job, end) => countEnd(job.num, end),
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
    async close(): Promise<void> {
      await jobs.close();
      volume.close();
    },
  };
}
