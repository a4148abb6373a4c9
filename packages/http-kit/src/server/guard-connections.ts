import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { Lifecycle } from '../app/lifecycle.ts';
import { kitProblems } from '../problems/kit-problems.ts';
import { problemContentType, renderProblem } from '../problems/render-problem.ts';
import { chooseRequestId } from '../requests/request-id.ts';
import { refuseTunnel, refuseUnparsable } from './refuse-unparsable.ts';

/** Gives an answer to everything that Node would refuse by itself, and lets connections go while the service drains. */
export function guardConnections(server: Server, lifecycle: Lifecycle, logger: Logger): void {
  const answering = new WeakMap<Duplex, number>();

  server.on('request', (req, res) => {
    const { socket } = req;
    answering.set(socket, (answering.get(socket) ?? 0) + 1);
    res.on('close', () => {
      answering.set(socket, (answering.get(socket) ?? 1) - 1);
      // An answer that began before the draining may have promised to keep its connection.
      if (lifecycle.state === 'draining') setImmediate(() => server.closeIdleConnections());
    });
  });
  server.on('clientError', (error, socket) => {
    refuseUnparsable(error, socket, (answering.get(socket) ?? 0) > 0, logger);
  });
  server.on('connect', (_req, socket) => refuseTunnel(socket, logger));
  server.on('checkExpectation', (req, res) => {
    const requestId = chooseRequestId(req.headers['x-request-id']);
    const problem = kitProblems.expectation_failed('Only 100-continue can be expected of this server.');
    const body = JSON.stringify(renderProblem(problem, `urn:uuid:${requestId}`, requestId));
    res.writeHead(problem.status, {
      'Content-Type': problemContentType,
      'Content-Length': Buffer.byteLength(body),
      'X-Request-Id': requestId,
      'X-Content-Type-Options': 'nosniff',
      Connection: 'close',
    });
    res.end(body);
    logger.warn({ request_id: requestId, status: problem.status, method: req.method }, 'request');
  });
}
