import { readdir } from 'node:fs/promises';
import { FileVolume, FileWorkQueue } from '@pi-jobs/core';
import { createLogger, startServer } from '@pi-jobs/http-kit';
import { onTestFinished } from 'vitest';
import { compose } from '../compose.ts';
import { parseConfig } from '../config.ts';
import { temporaryVolume } from './compose-job-api.ts';

export interface StartOptions {
  /** Another instance's volume; one of its own by default. */
  readonly dataDir?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly times?: Parameters<typeof compose>[3];
}

/** The service on a socket of its own, on a real volume, without a calculator; stopped with the test. */
export async function startJobApi({ dataDir, env = {}, times }: StartOptions = {}) {
  const folder = dataDir ?? (await temporaryVolume());
  const config = parseConfig({
    DATA_DIR: folder,
    JOB_API_PORT: '0',
    PI_CALCULATOR_URL: 'http://127.0.0.1:9',
    ...env,
  });
  // Where it listens is told at every level.
  const logger = createLogger({ name: 'job-api', level: 'silent', stream: { write: () => undefined } });
  const { app, close } = await compose(config, logger, '1.2.3', times);
  const server = await startServer({
    app,
    name: 'job-api',
    host: '127.0.0.1',
    port: 0,
    logger,
    shutdownTimeoutMs: config.SHUTDOWN_TIMEOUT_SECONDS * 1000,
    onClose: [close],
    ownsProcess: false,
  });
  onTestFinished(() => void server.stop());
  return {
    url: server.url,
    port: server.port,
    dataDir: folder,
    stop: () => server.stop(),
    server: server.server,
  };
}

/** Takes jobs from the volume as a calculator does; the test decides what becomes of them. */
export async function openQueue(dataDir: string, maxConcurrentJobs = 8) {
  const volume = await FileVolume.open(dataDir);
  const queue = await FileWorkQueue.open(volume, { maxConcurrentJobs });
  onTestFinished(async () => {
    await queue.close();
    volume.close();
  });
  return {
    queue,
    async mustClaim() {
      for (;;) {
        const claim = await queue.claim();
        if (claim !== undefined) return claim;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
  };
}

/** Names of everything that uploads have left on the volume, whole or not. */
export async function uploadsOn(
  dataDir: string,
): Promise<{ readonly files: string[]; readonly partial: string[] }> {
  return {
    files: (await readdir(`${dataDir}/files`)).sort(),
    partial: await readdir(`${dataDir}/files.partial`),
  };
}

export interface Answer<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** One request with a JSON answer. */
export async function ask(
  url: string,
  { json, ...init }: RequestInit & { readonly json?: unknown; readonly duplex?: 'half' } = {},
): Promise<Answer> {
  const body = json === undefined ? {} : { method: 'POST', body: JSON.stringify(json) };
  const headers = json === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(url, { ...body, headers, ...init });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Answer['body'],
  };
}

export async function post(url: string): Promise<Answer> {
  return ask(url, { method: 'POST' });
}
