import type { DigitSource, JobStore } from '@pi-jobs/core';
import type { ZipCache } from '@pi-jobs/digit-archive';
import { fileProblems } from '@pi-jobs/http-files';
import { createServiceApp, type ServiceApp } from '@pi-jobs/http-kit';
import type { ResumableUploads } from '@pi-jobs/resumable-uploads';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { ScanQueue } from './digits/scan-queue.ts';
import { fileRoutes } from './file-routes.ts';
import { problems } from './problems.ts';
import { download } from './routes/download.ts';
import type { FileRouteDependencies } from './routes/file-route-dependencies.ts';
import { readDigits } from './routes/read-digits.ts';
import { searchDigits } from './routes/search-digits.ts';
import { showDigitStatistics } from './routes/show-digit-statistics.ts';
import { showPi } from './routes/show-pi.ts';

export interface AppDependencies extends FileRouteDependencies {
  readonly jobs: Pick<JobStore, 'get'>;
  readonly digits: DigitSource;
  readonly zips: ZipCache;
  readonly resumable: ResumableUploads;
  readonly logger: Logger;
  readonly registry?: Registry;
  readonly version: string;
  /** Throws when the store cannot be written. */
  readonly checkStore: () => Promise<void>;
  /** Checks every reply against its schema: for tests. */
  readonly checkReplies?: boolean;
}

export function createApp(deps: AppDependencies): ServiceApp {
  const scans = new ScanQueue();
  return createServiceApp({
    name: 'download-api',
    title: 'Download API',
    description: 'Hands out the digits that jobs have computed, and exchanges files.',
    version: deps.version,
    logger: deps.logger,
    ...(deps.registry === undefined ? {} : { registry: deps.registry }),
    checkReplies: deps.checkReplies ?? false,
    problems: { ...problems, ...fileProblems },
    readinessChecks: { store: deps.checkStore },
    routes: [
      download(deps),
      readDigits(deps),
      searchDigits({ ...deps, scans }),
      showDigitStatistics({ ...deps, scans }),
      showPi(deps),
      ...fileRoutes(deps),
    ],
  });
}
