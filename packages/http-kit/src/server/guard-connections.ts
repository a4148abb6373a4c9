import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { Lifecycle } from '../app/lifecycle.ts';
import { type OpenExchange, refuseTunnel, refuseUnparsable } from './refuse-unparsable.ts';

export interface Connections {
  /**
   * Closes those that have had an answer and no request since. Those on which no request has come yet stay: it may be on its way,
   * and the server's own `closeIdleConnections` would reset them under it.
   */
  closeIdle(): void;
  /** Connections accepted and requests begun so far: while it grows there is something on its way. */
  readonly arrivals: number;
}

/** Gives an answer to everything that Node would refuse by itself, and lets connections go while the service drains. */
export function guardConnections(server: Server, lifecycle: Lifecycle, logger: Logger): Connections {
  const open = new WeakMap<Duplex, Set<OpenExchange>>();
  const idle = new Set<Duplex>();
  let arrivals = 0;
  server.on('connection', () => {
    arrivals += 1;
  });
  const closeIfIdle = (socket: Duplex): void => {
    if (idle.has(socket)) socket.end();
  };

  server.on('request', (req, res) => {
    const { socket } = req;
    arrivals += 1;
    const exchange = { req, res };
    const exchanges = open.get(socket) ?? new Set();
    if (!open.has(socket)) {
      open.set(socket, exchanges);
      socket.once('close', () => idle.delete(socket));
    }
    exchanges.add(exchange);
    idle.delete(socket);
    res.on('close', () => {
      exchanges.delete(exchange);
      if (exchanges.size > 0 || socket.destroyed) return;
      idle.add(socket);
      // An answer that began before the draining may have promised to keep its connection.
      if (lifecycle.state === 'draining') setImmediate(closeIfIdle, socket);
    });
  });
  server.on('clientError', (error, socket) => refuseUnparsable(error, socket, open.get(socket), logger));
  server.on('connect', (_req, socket) => refuseTunnel(socket, logger));
  // The app refuses it, with a problem answer, a log line and all.
  server.on('checkExpectation', (req, res) => server.emit('request', req, res));
  return {
    closeIdle: () => idle.forEach(closeIfIdle),
    get arrivals() {
      return arrivals;
    },
  };
}
