import { HttpProblem } from '../problems/http-problem.ts';
import { ClientGoneError } from '../requests/read-json-body.ts';
import type { AppParts } from './app-parts.ts';
import type { Exchange } from './exchange.ts';
import { unmatchedRoute } from './metrics.ts';

/** The status in log and metrics of a request whose client left before any answer. */
const clientClosedRequest = 499;

/** Counts and logs a request when its answer is finished or its connection is gone: one line each. */
export function recordExchange(parts: AppParts, exchange: Exchange): void {
  const { req, res } = exchange;
  const durationMs = performance.now() - exchange.startedMs;
  const isWhole = res.writableFinished;
  const status = isWhole || res.headersSent ? res.statusCode : clientClosedRequest;
  const route = exchange.routePath ?? unmatchedRoute;
  parts.metrics.end(req.method, route, status, durationMs / 1000);
  if (!isWhole) exchange.clientLeft();
  if (!exchange.isProbe) parts.lifecycle.requestEnds();

  const failure = failureOf(exchange, isWhole);
  const line = {
    request_id: exchange.requestId,
    method: req.method,
    route,
    path: pathOf(req.url),
    status,
    duration_ms: Math.round(durationMs * 1000) / 1000,
    ...(isWhole ? undefined : { cut_short: true }),
    ...(failure === undefined ? undefined : { err: failure }),
  };
  const { logger } = parts;
  // A 5xx without a failure is an answer that was meant: every slot taken, shutting down.
  if (failure !== undefined || status === 500) logger.error(line, 'request');
  else if (exchange.isProbe) logger.debug(line, 'request');
  else if (status >= 400 && status !== clientClosedRequest) logger.warn(line, 'request');
  else logger.info(line, 'request');
}

/** What the log has to explain. A client that hangs up makes reads and waits fail; that is no failure of the service. */
function failureOf({ failure }: Exchange, isWhole: boolean): unknown {
  if (isWhole) return failure instanceof HttpProblem && failure.cause === undefined ? undefined : failure;
  const isAbort = failure instanceof Error && failure.name === 'AbortError';
  return isAbort || failure instanceof ClientGoneError ? undefined : failure;
}

/** Without the query, which may hold what no log should. */
function pathOf(url: string): string {
  const mark = url.indexOf('?');
  return mark < 0 ? url : url.slice(0, mark);
}
