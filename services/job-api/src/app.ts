import type { JobObserver, JobStore, WorkerSlots } from '@pi-jobs/core';
import { createServiceApp, type ServiceApp } from '@pi-jobs/http-kit';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { JobChannels } from './events/job-channels.ts';
import type { CalculatorNotifier } from './jobs/calculator-notifier.ts';
import { problems } from './problems.ts';
import { controlJob } from './routes/control-job.ts';
import { createJob } from './routes/create-job.ts';
import { listJobs } from './routes/list-jobs.ts';
import { modifyWorker } from './routes/modify-worker.ts';
import { reserveSlot } from './routes/reserve-slot.ts';
import { runJob } from './routes/run-job.ts';
import { showJob } from './routes/show-job.ts';
import { showJobStatus } from './routes/show-job-status.ts';
import { showWorker } from './routes/show-worker.ts';
import { streamJobEvents } from './routes/stream-job-events.ts';
import { workerProblems } from './workers/worker-problems.ts';

export interface AppDependencies {
  readonly jobs: JobStore;
  readonly observer: JobObserver;
  readonly slots: WorkerSlots;
  readonly notifier: Pick<CalculatorNotifier, 'notify'>;
  readonly downloadApiUrl: string;
  readonly maxDigits: number;
  readonly drainWaitMs: number;
  readonly logger: Logger;
  readonly registry?: Registry;
  readonly version: string;
  /** Throws when the store cannot be written. */
  readonly checkStore: () => Promise<void>;
}

export function createApp(deps: AppDependencies): ServiceApp {
  return createServiceApp({
    name: 'job-api',
    title: 'Job API',
    description: 'Creates jobs, tells of them and controls them.',
    version: deps.version,
    logger: deps.logger,
    ...(deps.registry === undefined ? {} : { registry: deps.registry }),
    problems: { ...problems, ...workerProblems },
    readinessChecks: { store: deps.checkStore },
    routes: [
      createJob(deps),
      listJobs(deps),
      showJob(deps),
      showJobStatus(deps),
      streamJobEvents({ ...deps, channels: new JobChannels(deps.observer) }),
      ...controlJob(deps),
      reserveSlot(deps),
      runJob(deps),
      modifyWorker(deps),
      showWorker(deps),
    ],
  });
}
