import { FileDigitSource, FileJobStore, FileVolume } from '@pi-jobs/core';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { createApp } from './app.ts';
import type { Config } from './config.ts';
import { ZipCache } from './zip/zip-cache.ts';

/** Names the store; the only file of this service that does. */
export async function compose(config: Config, logger: Logger, version: string) {
  const volume = await FileVolume.open(config.DATA_DIR);
  const jobs = new FileJobStore(volume);
  const app = createApp({
    jobs,
    digits: new FileDigitSource(volume),
    zips: new ZipCache(`${config.DATA_DIR}/zips`),
    logger,
    registry: new Registry(),
    version,
    checkStore: () => volume.checkWritable(),
  });
  return {
    app,
    async close(): Promise<void> {
      await jobs.close();
      volume.close();
    },
  };
}
