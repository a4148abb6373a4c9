import { createServer, type Server } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import type { Logger } from 'pino';
import type { ServiceApp } from '../app/create-service-app.ts';
import { guardConnections } from './guard-connections.ts';
import { reportToParent } from './report-to-parent.ts';
import { listenError } from './start-error.ts';
import { stopOnSignals } from './stop-on-signals.ts';
import { type Hook, stopServer } from './stop-server.ts';

export interface StartOptions {
  readonly app: ServiceApp;
  /** 0 picks a free one. */
  readonly port: number;
  readonly host: string;
  /** Names with a dot by which the service may be called, `*` for all; without it none on the loopback interface, all elsewhere. */
  readonly allowedHosts?: readonly string[] | undefined;
  readonly logger: Logger;
  /** As in `<name> listening on http://127.0.0.1:5000`. */
  readonly name: string;
  /** Bound on the graceful stop, in milliseconds. */
  readonly shutdownTimeoutMs: number;
  /** The variable to name when the port is taken. */
  readonly portVariable?: string;
  /** Run one after the other once the port is taken; until they are done `/readyz` and all work get a 503. */
  readonly onStart?: readonly Hook[];
  /** Run together when draining begins: end streams, release slots, checkpoint jobs. */
  readonly onDrain?: readonly Hook[];
  /** Run one after the other when no connection is left: close stores. */
  readonly onClose?: readonly Hook[];
  /** Stop on SIGTERM and SIGINT and on uncaught errors, and end the process then. Default true; false for servers within tests. */
  readonly ownsProcess?: boolean;
  /** How long the head of a request may take to arrive. Default 15,000. */
  readonly headersTimeoutMs?: number;
}

export interface RunningServer {
  /** `http://127.0.0.1:5000` */
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  /** The graceful stop without the end of the process. True when every request and every hook finished in time. */
  stop(): Promise<boolean>;
}

/** How long an unused connection is kept: longer than load balancers keep theirs (60 s), so that they close first. */
const keepAliveMs = 65_000;

/** Listens, says where, and stops gracefully. Rejects with a `StartError` when the address cannot be had. */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const { app, host, logger, name } = options;
  const server = createServer(
    {
      headersTimeout: options.headersTimeoutMs ?? 15_000,
      // Uploads may take hours, and be paused for one.
      requestTimeout: 0,
      keepAliveTimeout: keepAliveMs,
      connectionsCheckingInterval: Math.min(2_000, options.headersTimeoutMs ?? 2_000),
      // The app refuses such requests itself, with a problem answer.
      requireHostHeader: false,
    },
    app.listener,
  );
  const connections = guardConnections(server, app.lifecycle, logger);
  app.hostNames.restrict(host, options.allowedHosts);
  app.lifecycle.markStarting();
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  const url = `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;

  let stopping: Promise<boolean> | undefined;
  const stop = (): Promise<boolean> => {
    stopping ??= stopServer({ ...options, server, connections });
    return stopping;
  };
  if (options.ownsProcess ?? true) stopOnSignals({ ...options, stop });
  try {
    for (const hook of options.onStart ?? []) await hook();
  } catch (error) {
    server.close();
    server.closeAllConnections();
    throw error;
  }
  app.lifecycle.markReady();
  // Whoever started the service waits for this line, so no log level hides it.
  logger.child({}, { level: 'info' }).info({ url }, `${name} listening on ${url}`);
  if (options.ownsProcess ?? true) reportToParent(url);
  return { url, port, server, stop };
}

function listen(server: Server, { host, port, portVariable }: StartOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void =>
      reject(listenError(error, host, port, portVariable));
    server.once('error', onError);
    server.listen({ host, port }, () => {
      server.off('error', onError);
      resolve();
    });
  });
}
