import { ZipCache } from '@pi-jobs/digit-archive';
import { UploadRules } from '@pi-jobs/file-exchange';
import { ResumableUploads } from '@pi-jobs/resumable-uploads';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { createApp } from './app.ts';
import { composeFileStore } from './compose-file-store.ts';
import type { ComposedStore } from './composed-store.ts';
import type { Config } from './config.ts';

/** Chooses the store, in the files beside this one; the AWS SDK, which takes long to load, only where it is asked for. */
export async function compose(config: Config, logger: Logger, version: string) {
  const rules = new UploadRules({
    allowedExtensions: config.UPLOAD_EXTENSIONS,
    maxBytes: config.MAX_UPLOAD_BYTES,
  });
  const store =
    config.STORE === 'aws'
      ? await (await import('./compose-aws-store.ts')).composeAwsStore(config, rules)
      : await composeFileStore(config.DATA_DIR, rules);
  const { exchange } = store;
  const resumable = new ResumableUploads({
    exchange,
    store: store.resumable,
    maxBytes: config.MAX_UPLOAD_BYTES,
  });
  const sweeping = sweepRegularly(store, logger);
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

function sweepRegularly(store: ComposedStore, logger: Logger): NodeJS.Timeout {
  const sweep = (): void => {
    store
      .sweep()
      .catch((error: unknown) => logger.warn({ err: error }, 'what uploads left could not be removed'));
  };
  sweep();
  return setInterval(sweep, SWEEP_INTERVAL_MS).unref();
}
