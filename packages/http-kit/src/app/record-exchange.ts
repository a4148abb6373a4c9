import type { AppParts } from './create-service-app.ts';
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

  const line = {
    request_id: exchange.requestId,
    method: req.method,
    route,
    path: pathOf(req.url),
    status,
    duration_ms: Math.round(durationMs * 1000) / 1000,
    ...(isWhole ? undefined : { cut_short: true }),
    ...(exchange.failure === undefined ? undefined : { err: exchange.failure }),
  };
  if (exchange.isProbe && status < 500) parts.logger.debug(line, 'request');
  else if (status >= 500 || (exchange.failure !== undefined && status !== clientClosedRequest)) {
    parts.logger.error(line, 'request');
  } else if (status >= 400) parts.logger.warn(line, 'request');
  else parts.logger.info(line, 'request');
}

/** Without the query, which may hold what no log should. */
function pathOf(url: string): string {
  const mark = url.indexOf('?');
  return mark < 0 ? url : url.slice(0, mark);
}
