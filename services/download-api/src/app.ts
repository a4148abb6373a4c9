import type { DigitSource, JobStore } from '@pi-jobs/core';
import { createServiceApp, type ServiceApp } from '@pi-jobs/http-kit';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { problems } from './problems.ts';
import { download } from './routes/download.ts';
import { readDigits } from './routes/read-digits.ts';
import { showPi } from './routes/show-pi.ts';
import type { ZipCache } from './zip/zip-cache.ts';

export interface AppDependencies {
  readonly jobs: Pick<JobStore, 'get'>;
  readonly digits: DigitSource;
  readonly zips: ZipCache;
  readonly logger: Logger;
  readonly registry?: Registry;
  readonly version: string;
  /** Throws when the store cannot be written. */
  readonly checkStore: () => Promise<void>;
}

export function createApp(deps: AppDependencies): ServiceApp {
  return createServiceApp({
    name: 'download-api',
    title: 'Download API',
    description: 'Hands out the digits that jobs have computed.',
    version: deps.version,
    logger: deps.logger,
    ...(deps.registry === undefined ? {} : { registry: deps.registry }),
    problems,
    readinessChecks: { store: deps.checkStore },
    routes: [download(deps), readDigits(deps), showPi(deps)],
  });
}
