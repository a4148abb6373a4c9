import type { DigitSource, JobStore } from '@pi-jobs/core';
import { ZipCache } from '@pi-jobs/digit-archive';
import { FileSystemExchange, UploadRules } from '@pi-jobs/file-exchange';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { createApp } from './app.ts';
import { composeAwsStore } from './compose-aws-store.ts';
import { composeFileStore } from './compose-file-store.ts';
import type { Config } from './config.ts';
import { ResumableUploads } from './resumable/resumable-uploads.ts';

/** Where results are found. */
export interface ComposedStore {
  readonly jobs: JobStore;
  readonly digits: DigitSource;
  /** Throws when the store cannot be used. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** Chooses the store, in the files beside this one. */
export async function compose(config: Config, logger: Logger, version: string) {
  const store = config.STORE === 'aws' ? await composeAwsStore(config) : await composeFileStore(config);
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
    jobs: store.jobs,
    digits: store.digits,
    exchange,
    rules,
    resumable,
    zips: new ZipCache(`${config.DATA_DIR}/zips`),
    logger,
    registry: new Registry(),
    version,
    checkStore: () => store.check(),
  });
  return {
    app,
    async close(): Promise<void> {
      clearInterval(sweeping);
      await store.close();
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
