import { FileDigitSource, FileJobStore, FileVolume } from '@pi-jobs/core';
import { ZipCache } from '@pi-jobs/digit-archive';
import { FileSystemExchange, UploadRules } from '@pi-jobs/file-exchange';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { createApp } from './app.ts';
import type { Config } from './config.ts';
import { ResumableUploads } from './resumable/resumable-uploads.ts';

/** Names the store; the only file of this service that does. */
export async function compose(config: Config, logger: Logger, version: string) {
  const volume = await FileVolume.open(config.DATA_DIR);
  const jobs = new FileJobStore(volume);
  const rules = new UploadRules({
    allowedExtensions: config.UPLOAD_EXTENSIONS,
    maxBytes: config.MAX_UPLOAD_BYTES,
  });
  const exchange = await FileSystemExchange.open({ rules, dataFolder: config.DATA_DIR });
  const resumable = await ResumableUploads.open({
    exchange,
    adopt: (filename, path) => exchange.adopt(filename, path),
    folder: `${config.DATA_DIR}/files.partial/resumable`,
    maxBytes: config.MAX_UPLOAD_BYTES,
  });
  const sweeping = sweepRegularly(resumable, logger);
  const app = createApp({
    jobs,
    digits: new FileDigitSource(volume),
    exchange,
    rules,
    resumable,
    zips: new ZipCache(`${config.DATA_DIR}/zips`),
    logger,
    registry: new Registry(),
    version,
    checkStore: () => volume.checkWritable(),
  });
  return {
    app,
    async close(): Promise<void> {
      clearInterval(sweeping);
      await jobs.close();
      volume.close();
    },
  };
}

const SWEEP_INTERVAL_MS = 60 * 60 * 1000;

function sweepRegularly(resumable: ResumableUploads, logger: Logger): NodeJS.Timeout {
  const sweep = (): void => {
    resumable
      .sweep()
      .catch((error: unknown) => logger.warn({ err: error }, 'expired uploads could not be removed'));
  };
  sweep();
  return setInterval(sweep, SWEEP_INTERVAL_MS).unref();
}
