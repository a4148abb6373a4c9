import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileDigitSource, FileJobStore, FileVolume } from '@pi-jobs/core';
import { ZipCache } from '@pi-jobs/digit-archive';
import { UploadRules } from '@pi-jobs/file-exchange';
import { createLogger, startServer } from '@pi-jobs/http-kit';
import { ResumableUploads } from '@pi-jobs/resumable-uploads';
import { createApp } from '../app.ts';
import type { FilePlace, PlaceOptions } from './file-place.ts';
import { folderPlace } from './folder-place.ts';

export interface TestApiOptions extends PlaceOptions {
  readonly maxBytes?: number;
  readonly idleMs?: number;
  /** Of services that were there before, or elsewhere; a folder of its own otherwise. */
  readonly place?: FilePlace;
  readonly port?: number;
}

export interface TestApi extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly dataFolder: string;
  readonly place: FilePlace;
  readonly volume: FileVolume;
  /** Removes expired resumable uploads; returns how many. */
  sweep(): Promise<number>;
  /** Everything there is of files, and how many descriptors are open: what must not grow. */
  footprint(): Promise<{ readonly files: readonly string[]; readonly descriptors: number }>;
  /** Stops listening and keeps the folder. */
  stop(): Promise<void>;
}

/** The whole service on a free port of the loopback interface and a folder of its own. */
export async function startDownloadApi(options: TestApiOptions = {}): Promise<TestApi> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'download-api-'));
  const place = options.place ?? folderPlace(dataFolder);
  const rules = new UploadRules({ maxBytes: options.maxBytes ?? 1024 * 1024 });
  const volume = await FileVolume.open(dataFolder);
  const jobs = new FileJobStore(volume);
  const { exchange, resumable } = await place.open(rules, options);
  const logger = createLogger({ name: 'download-api', level: 'silent' });
  const app = createApp({
    jobs,
    digits: new FileDigitSource(volume),
    zips: new ZipCache(`${dataFolder}/zips`),
    exchange,
    rules,
    resumable: new ResumableUploads({ exchange, store: resumable, maxBytes: rules.maxBytes }),
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
    place,
    volume,
    sweep: () => resumable.deleteExpired(),
    async footprint() {
      return { files: await place.everything(), descriptors: await countDescriptors(place.isRemote) };
    },
    stop,
    async [Symbol.asyncDispose](): Promise<void> {
      await stop();
      await rm(dataFolder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function countDescriptors(isRemote: boolean): Promise<number> {
  const links = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''));
  // Connections to a remote place come and go with the clients' pools.
  return (await Promise.all(links)).filter((link) => !isRemote || !link.startsWith('socket:')).length;
}
