import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@pi-jobs/http-kit';
import { onTestFinished } from 'vitest';
import { compose } from '../compose.ts';
import { parseConfig } from '../config.ts';

const logger = createLogger({ name: 'job-api', level: 'silent' });

/** A folder that goes with the test. */
export async function temporaryVolume(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'job-api-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** The service's app on a real volume, as its process composes it; no calculator answers. `close` ends it before the test does. */
export async function composeJobApi(dataDir: string, env: NodeJS.ProcessEnv = {}) {
  const config = parseConfig({ DATA_DIR: dataDir, PI_CALCULATOR_URL: 'http://127.0.0.1:9', ...env });
  const service = await compose(config, logger, '1.2.3');
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= service.close();
    return closed;
  };
  onTestFinished(close);
  return { app: service.app, dataDir, close };
}
