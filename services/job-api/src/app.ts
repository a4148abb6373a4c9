import { type Capacity, type DigitSource, JobObserver, type JobStore, type WorkerSlots } from '@pi-jobs/core';
import type { Dictionary } from '@pi-jobs/dictionary';
import type { ZipCache } from '@pi-jobs/digit-archive';
import type { FileExchange } from '@pi-jobs/file-exchange';
import { fileProblems } from '@pi-jobs/http-files';
import { createServiceApp, type ServiceApp } from '@pi-jobs/http-kit';
import type { ImageJobs } from '@pi-jobs/image-jobs';
import type { ProgramRunner } from '@pi-jobs/process-runner';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { describeQueryError, queryProblems } from './dictionary/query-problems.ts';
import { JobChannels } from './events/job-channels.ts';
import { imageProblems } from './images/image-problems.ts';
import type { ImageIntake } from './images/receive-image.ts';
import { AllJobs, type AnyJob } from './jobs/all-jobs.ts';
import type { CalculatorNotifier } from './jobs/calculator-notifier.ts';
import { problems } from './problems.ts';
import { controlJob } from './routes/control-job.ts';
import { createJob } from './routes/create-job.ts';
import { dictionaryInstructions } from './routes/dictionary-instructions.ts';
import { dictionaryQuery } from './routes/dictionary-query.ts';
import { downloadFile } from './routes/download-file.ts';
import { listJobs } from './routes/list-jobs.ts';
import { modifyWorker } from './routes/modify-worker.ts';
import { reserveSlot } from './routes/reserve-slot.ts';
import { runJob } from './routes/run-job.ts';
import { showJob } from './routes/show-job.ts';
import { showJobStatus } from './routes/show-job-status.ts';
import { showOutput } from './routes/show-output.ts';
import { showWorker } from './routes/show-worker.ts';
import { streamJobEvents } from './routes/stream-job-events.ts';
import { uploadFile } from './routes/upload-file.ts';
import { wait } from './routes/wait.ts';
import type { TransferLimits } from './transfers/idle-limit.ts';
import { workerProblems } from './workers/worker-problems.ts';

export interface AppDependencies {
  readonly jobs: JobStore;
  readonly observer: JobObserver;
  readonly slots: WorkerSlots;
  readonly images: ImageJobs;
  readonly intake: ImageIntake;
  /** How often a job that somebody waits for is looked at, in milliseconds. */
  readonly pollMs?: number;
  readonly exchange: FileExchange;
  readonly digits: DigitSource;
  readonly zips: ZipCache;
  readonly dictionary: Dictionary;
  /** Runs the programs of `GET /wait`, apart from those of the dictionary: neither waits for the other. */
  readonly waitRunner: ProgramRunner;
  readonly notifier: Pick<CalculatorNotifier, 'notify'>;
  readonly downloadApiUrl: string;
  /** Largest `num` that is allowed. */
  readonly maxDigits: number;
  /** What the calculators can take on. */
  readonly capacity: Capacity;
  /** Largest file in bytes. */
  readonly maxUploadBytes: number;
  /** How long a held answer may wait for its job after the service began to stop, in milliseconds. */
  readonly drainWaitMs: number;
  readonly transferLimits?: TransferLimits;
  /** Time between two signs of life on an event stream; milliseconds, 15 seconds by default. */
  readonly heartbeatMs?: number;
  readonly logger: Logger;
  readonly registry?: Registry;
  readonly version: string;
  /** Throws when the store cannot be written. */
  readonly checkStore: () => Promise<void>;
}

export function createApp(given: AppDependencies): ServiceApp {
  const allJobs = new AllJobs(given.jobs, given.images);
  const deps = { ...given, allJobs, allObserver: new JobObserver<AnyJob>(allJobs, given.pollMs) };
  return createServiceApp({
    name: 'job-api',
    title: 'Job API',
    description: 'Creates jobs, tells of them and controls them.',
    version: deps.version,
    logger: deps.logger,
    ...(deps.registry === undefined ? {} : { registry: deps.registry }),
    problems: { ...problems, ...workerProblems, ...fileProblems, ...imageProblems, ...queryProblems },
    extendProblem: describeQueryError,
    readinessChecks: { store: deps.checkStore },
    routes: [
      createJob(deps),
      listJobs(deps),
      showJob(deps),
      showJobStatus(deps),
      showOutput(deps),
      streamJobEvents({ ...deps, channels: new JobChannels(deps.allObserver) }),
      ...controlJob(deps),
      reserveSlot(deps),
      runJob(deps),
      uploadFile(deps),
      downloadFile(deps),
      modifyWorker(deps),
      showWorker(deps),
      dictionaryQuery(deps),
      dictionaryInstructions(),
      wait({ runner: deps.waitRunner }),
    ],
  });
}
