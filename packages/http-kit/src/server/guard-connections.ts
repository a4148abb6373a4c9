import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { Lifecycle } from '../app/lifecycle.ts';
import { refuseTunnel, refuseUnparsable } from './refuse-unparsable.ts';

/** A request whose answer is not finished. */
export interface OpenExchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

/** Gives an answer to everything that Node would refuse by itself, and lets connections go while the service drains. */
export function guardConnections(server: Server, lifecycle: Lifecycle, logger: Logger): void {
  const open = new WeakMap<Duplex, Set<OpenExchange>>();

  server.on('request', (req, res) => {
    const { socket } = req;
    const exchange = { req, res };
    const known = open.get(socket);
    if (known === undefined) open.set(socket, new Set([exchange]));
    else known.add(exchange);
    res.on('close', () => {
      open.get(socket)?.delete(exchange);
      // An answer that began before the draining may have promised to keep its connection.
      if (lifecycle.state === 'draining') setImmediate(() => server.closeIdleConnections());
    });
  });
  server.on('clientError', (error, socket) => refuseUnparsable(error, socket, open.get(socket), logger));
  server.on('connect', (_req, socket) => refuseTunnel(socket, logger));
  // The app refuses it, with a problem answer, a log line and all.
  server.on('checkExpectation', (req, res) => server.emit('request', req, res));
}
