import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@pi-jobs/http-kit';
import { onTestFinished } from 'vitest';
import { compose } from '../compose.ts';
import { parseConfig } from '../config.ts';

const logger = createLogger({ name: 'pi-calculator', level: 'silent' });

/** A folder that goes with the test. */
export async function temporaryVolume(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pi-calculator-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** The service on a real volume, as its process composes it. It works only once `calculator.start()` is called. */
export async function composeCalculator(dataDir: string, env: NodeJS.ProcessEnv = {}) {
  const service = await compose(parseConfig({ DATA_DIR: dataDir, ...env }), logger, '1.2.3');
  onTestFinished(async () => {
    await service.calculator.stop();
    await service.close();
  });
  return { app: service.app, calculator: service.calculator, dataDir };
}
