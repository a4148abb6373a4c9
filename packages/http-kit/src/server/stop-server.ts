import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import type { Logger } from 'pino';
import type { ServiceApp } from '../app/create-service-app.ts';
import type { Connections } from './guard-connections.ts';

/** After so many looks without an arrival nothing more is on its way. */
const QUIET_LOOKS = 5;
const LOOK_MS = 50;

/** Part of a service's stop. */
export type Hook = () => unknown;

interface StopParts {
  readonly server: Server;
  readonly connections: Connections;
  readonly app: ServiceApp;
  readonly logger: Logger;
  readonly name: string;
  readonly shutdownTimeoutMs: number;
  readonly onDrain?: readonly Hook[];
  readonly onClose?: readonly Hook[];
}

/**
 * The graceful stop. The server goes on listening while it drains, so that new work gets its 503 instead of a refused
 * connection. A fifth of the time, at most two seconds, is kept for the closing hooks. True when all of it ended in time.
 */
export async function stopServer(parts: StopParts): Promise<boolean> {
  const { server, connections, app, logger, name, shutdownTimeoutMs } = parts;
  const deadline = performance.now() + shutdownTimeoutMs;
  const reserveMs = Math.min(2_000, shutdownTimeoutMs / 5);
  logger.info({ in_flight: app.lifecycle.inFlight }, `${name} is stopping`);

  app.lifecycle.drain();
  connections.closeIdle();
  const hooks = (parts.onDrain ?? []).map((hook) => runHook(hook, logger));
  const drained = Promise.all([...hooks, app.lifecycle.whenIdle().then(() => true)]);
  const results = await before(deadline - reserveMs, drained);
  if (results === undefined) {
    logger.error(
      { in_flight: app.lifecycle.inFlight },
      `${name} did not drain in time; cutting what is left`,
    );
  }

  await closeConnections(server, connections, results === undefined ? 0 : reserveMs / 2);
  let isClean = results?.every(Boolean) ?? false;
  for (const hook of parts.onClose ?? []) {
    const isDone = await before(deadline, runHook(hook, logger));
    if (isDone === undefined) logger.error(`${name} did not close in time`);
    isClean &&= isDone === true;
  }
  logger.info(`${name} stopped`);
  return isClean;
}

async function runHook(hook: Hook, logger: Logger): Promise<boolean> {
  try {
    await hook();
    return true;
  } catch (error) {
    logger.error({ err: error }, 'a stop hook failed');
    return false;
  }
}

/**
 * Stops listening; requests and answers that are on their way get a moment. It is counted in looks at what has arrived and not in time
 * alone: on a machine that is too busy to look, time passes and nothing is read.
 */
async function closeConnections(server: Server, connections: Connections, graceMs: number): Promise<void> {
  const limit = performance.now() + graceMs;
  // The kernel resets connections that nobody has accepted yet.
  await untilQuiet(connections, 1, 0, limit);
  const closed = new Promise<true>((resolve) => {
    // Not the HTTP server's own, which resets connections whose first request has not arrived.
    NetServer.prototype.close.call(server, () => resolve(true));
  });
  connections.closeIdle();
  await Promise.race([closed, untilQuiet(connections, QUIET_LOOKS, LOOK_MS, limit)]);
  server.closeAllConnections();
  await closed;
}

/** Resolves when nothing arrived in so many looks one after the other, or at the limit (of `performance.now`). */
async function untilQuiet(
  connections: Connections,
  looks: number,
  pauseMs: number,
  limit: number,
): Promise<void> {
  for (let quiet = 0; quiet < looks && performance.now() < limit; ) {
    const before = connections.arrivals;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    // Timers come due before what has arrived is read.
    await new Promise((resolve) => setImmediate(resolve));
    quiet = connections.arrivals === before ? quiet + 1 : 0;
  }
}

/** The value, or undefined when the time (of `performance.now`) came first. */
async function before<Value>(deadline: number, promise: Promise<Value>): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(0, deadline - performance.now()));
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
