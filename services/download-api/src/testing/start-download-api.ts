import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileDigitSource, FileJobStore, FileVolume } from '@pi-jobs/core';
import { ZipCache } from '@pi-jobs/digit-archive';
import { FileSystemExchange, UploadRules } from '@pi-jobs/file-exchange';
import { createLogger, startServer } from '@pi-jobs/http-kit';
import { createApp } from '../app.ts';
import { ResumableUploads } from '../resumable/resumable-uploads.ts';

export interface TestApiOptions {
  readonly maxBytes?: number;
  readonly idleMs?: number;
  readonly reserveBytes?: number;
  readonly expirationMs?: number;
  /** As `reserveBytes`, for resumable uploads. */
  readonly resumableReserveBytes?: number;
  /** Of a service that was there before; a new one otherwise. */
  readonly dataFolder?: string;
  readonly port?: number;
}

export interface TestApi extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly dataFolder: string;
  readonly resumable: ResumableUploads;
  readonly volume: FileVolume;
  /** Everything below the folders of the exchange, and what is open there: what must not grow. */
  footprint(): Promise<{ readonly files: readonly string[]; readonly descriptors: number }>;
  /** Stops listening and keeps the folder. */
  stop(): Promise<void>;
}

/** The whole service on a free port of the loopback interface and a folder of its own. */
export async function startDownloadApi(options: TestApiOptions = {}): Promise<TestApi> {
  const dataFolder = options.dataFolder ?? (await mkdtemp(join(tmpdir(), 'download-api-')));
  const rules = new UploadRules({ maxBytes: options.maxBytes ?? 1024 * 1024 });
  const volume = await FileVolume.open(dataFolder);
  const jobs = new FileJobStore(volume);
  const exchange = await FileSystemExchange.open({
    rules,
    dataFolder,
    ...(options.reserveBytes === undefined ? {} : { reserveBytes: options.reserveBytes }),
  });
  const resumable = await ResumableUploads.open({
    exchange,
    adopt: (filename, path) => exchange.adopt(filename, path),
    folder: `${dataFolder}/files.partial/resumable`,
    maxBytes: rules.maxBytes,
    ...(options.expirationMs === undefined ? {} : { expirationMs: options.expirationMs }),
    ...(options.resumableReserveBytes === undefined ? {} : { reserveBytes: options.resumableReserveBytes }),
  });
  const logger = createLogger({ name: 'download-api', level: 'silent' });
  const app = createApp({
    jobs,
    digits: new FileDigitSource(volume),
    zips: new ZipCache(`${dataFolder}/zips`),
    exchange,
    rules,
    resumable,
    idleMs: options.idleMs ?? 10_000,
    logger,
    version: '0.0.0',
    checkStore: () => volume.checkWritable(),
    checkReplies: true,
  });
  const running = await startServer({
    app,
    port: options.port ?? 0,
    host: '127.0.0.1',
    logger,
    name: 'download-api',
    shutdownTimeoutMs: 2_000,
    ownsProcess: false,
  });
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= running.stop().then(async () => {
      await jobs.close();
      volume.close();
    });
    return stopping;
  };
  return {
    url: running.url,
    port: running.port,
    dataFolder,
    resumable,
    volume,
    footprint: () => footprint(dataFolder),
    stop,
    async [Symbol.asyncDispose](): Promise<void> {
      await stop();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

async function footprint(dataFolder: string) {
  const folders = ['files', 'files.partial'];
  const lists = await Promise.all(
    folders.map((folder) => readdir(join(dataFolder, folder), { recursive: true })),
  );
  const files = lists.flatMap((names, index) => names.map((name) => `${folders[index]}/${name}`)).sort();
  return { files, descriptors: (await readdir('/proc/self/fd')).length };
}
