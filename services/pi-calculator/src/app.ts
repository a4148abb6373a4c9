import type { JobObserver, JobStore } from '@pi-jobs/core';
import { createServiceApp, type ServiceApp } from '@pi-jobs/http-kit';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Calculator } from './calculator/calculator.ts';
import { problems } from './problems.ts';
import { controlCalculation } from './routes/control-calculation.ts';
import { createCalculation } from './routes/create-calculation.ts';
import { listCalculations, showCalculation } from './routes/show-calculations.ts';

export interface AppDependencies {
  readonly jobs: JobStore;
  readonly observer: JobObserver;
  readonly calculator: Pick<Calculator, 'poke' | 'runningJobIds'>;
  readonly logger: Logger;
  readonly registry?: Registry;
  readonly version: string;
  /** Throws when the volume cannot be written. */
  readonly checkVolume: () => Promise<void>;
}

export function createApp(deps: AppDependencies): ServiceApp {
  return createServiceApp({
    name: 'pi-calculator',
    title: 'Pi Calculator',
    description:
      'The worker of pi-jobs. It finds its work in the ledger; these routes tell of it and hurry it up.',
    version: deps.version,
    logger: deps.logger,
    ...(deps.registry === undefined ? {} : { registry: deps.registry }),
    problems,
    readinessChecks: { volume: deps.checkVolume },
    routes: [
      createCalculation(deps),
      listCalculations(deps),
      showCalculation(deps),
      ...controlCalculation(deps),
    ],
  });
}
