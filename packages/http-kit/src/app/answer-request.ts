import type { Request, Response } from 'express';
import type { HttpProblem } from '../problems/http-problem.ts';
import { kitProblems } from '../problems/kit-problems.ts';
import { problemFromError } from '../problems/problem-from-error.ts';
import { problemContentType, renderProblem } from '../problems/render-problem.ts';
import { readBody, readHead } from '../requests/read-input.ts';
import { chooseRequestId } from '../requests/request-id.ts';
import { requireSameSite } from '../requests/require-same-site.ts';
import { validateInput } from '../requests/validate-input.ts';
import type { Reply, Route } from '../routes/define-route.ts';
import { splitTarget } from '../routes/request-target.ts';
import type { AppParts } from './app-parts.ts';
import { Exchange } from './exchange.ts';
import { recordExchange } from './record-exchange.ts';
import { sendJson, sendText } from './send-reply.ts';

/** What a page of another site may make a browser ask: it learns no answer. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The way of every request: id, route, input, handler, answer; whatever is thrown on it becomes a problem answer. */
export function answerRequest(parts: AppParts, req: Request, res: Response): void {
  const exchange = new Exchange(parts, req, res, chooseRequestId(req.headers['x-request-id']));
  res.setHeader('X-Request-Id', exchange.requestId);
  for (const [name, value] of parts.headers) res.setHeader(name, value);
  parts.metrics.begin();
  parts.lifecycle.requestBegins();
  res.on('close', () => recordExchange(parts, exchange));
  runExchange(parts, exchange).catch((error: unknown) => sendProblem(parts, exchange, error));
}

async function runExchange(parts: AppParts, exchange: Exchange): Promise<void> {
  const { req, res } = exchange;
  const target = splitTarget(req.url);
  if (target === undefined) return answerOddTarget(req, res);
  const found = findRoute(parts, req.method, target.path);
  if (found === undefined || 'methods' in found) {
    refuseWork(parts, undefined);
    return answerUnrouted(exchange, found?.methods);
  }
  const { route, params } = found.found;
  exchange.routePath = route.path;
  exchange.isProbe = route.isProbe === true;
  if (exchange.isProbe) parts.lifecycle.requestEnds();
  refuseWork(parts, route);
  checkHead(req);
  parts.hostNames.require(req);
  if (!SAFE_METHODS.has(req.method)) requireSameSite(req);

  readHead(exchange, route, params, target.search);
  if (route.body !== undefined) exchange.body = await readBody(exchange, route.body);
  const reply = await route.handler(exchange);
  if (reply !== undefined) sendReply(parts, exchange, route, reply);
  else if (!res.headersSent && !res.destroyed)
    throw new Error(`${route.method} ${route.path} ended without an answer`);
}

function findRoute(parts: AppParts, method: string, path: string) {
  try {
    return parts.table.find(method, path);
  } catch (error) {
    throw kitProblems.bad_request('The path has broken percent-encoding.', { cause: error });
  }
}

/** New work is refused while the service starts or drains; probes always get their answer. */
function refuseWork(parts: AppParts, route: Route | undefined): void {
  const { state } = parts.lifecycle;
  if (state === 'ready' || route?.isProbe === true) return;
  throw state === 'draining'
    ? kitProblems.shutting_down('The service is shutting down.', {
        headers: { 'Retry-After': 5 },
      })
    : kitProblems.not_ready('The service is starting.', { headers: { 'Retry-After': 1 } });
}

/**
 * What Node would refuse itself, with an empty answer, or not at all: a 1.1 request without Host, one with more than one (RFC 9112,
 * 3.2), an unknown expectation.
 */
function checkHead(req: Request): void {
  const { host, expect } = req.headers;
  if (host === undefined && req.httpVersion === '1.1') {
    throw kitProblems.bad_request('The Host header is missing.');
  }
  if (hasTwoHosts(req.rawHeaders)) throw kitProblems.bad_request('There is more than one Host header.');
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') {
    throw kitProblems.expectation_failed('Only 100-continue can be expected of this server.');
  }
}

/** Names and values one after the other; among the parsed headers is only the first Host. */
function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts > 1;
}

/** `OPTIONS *` asks about the whole server; any other target is none that a server of this kind has. */
function answerOddTarget(req: Request, res: Response): void {
  if (req.method !== 'OPTIONS' || req.url !== '*')
    throw kitProblems.bad_request('The request target is no path.');
  sendText(res, 204, undefined, '', { Allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS' });
}

function answerUnrouted(exchange: Exchange, methods: readonly string[] | undefined): void {
  const { req, res } = exchange;
  checkHead(req);
  if (methods === undefined) throw kitProblems.not_found('Nothing has this address.');
  const allow = methods.join(', ');
  if (req.method !== 'OPTIONS') {
    throw kitProblems.method_not_allowed(`This address takes ${allow}.`, { headers: { Allow: allow } });
  }
  sendText(res, 204, undefined, '', { Allow: allow });
}

function sendReply(parts: AppParts, exchange: Exchange, route: Route, reply: Reply): void {
  const { res } = exchange;
  if (parts.checkReplies) checkReply(route, reply);
  if (parts.lifecycle.state === 'draining') res.setHeader('Connection', 'close');
  sendJson(res, reply.status, reply.body, reply.headers);
}

function checkReply(route: Route, reply: Reply): void {
  const spec = route.responses[reply.status];
  if (spec === undefined)
    throw new Error(`${route.method} ${route.path} does not declare the status ${reply.status}`);
  if (spec.schema === undefined) return;
  try {
    validateInput(spec.schema, 'body', reply.body);
  } catch (error) {
    throw new Error(`${route.method} ${route.path} replied ${reply.status} against its own schema`, {
      cause: error,
    });
  }
}

/** The one place where an error becomes an answer. */
function sendProblem(parts: AppParts, exchange: Exchange, error: unknown): void {
  const { res } = exchange;
  try {
    const problem = problemFromError(error);
    if (problem.status >= 500 || res.headersSent) exchange.failure = error;
    if (exchange.clientIsGone) return;
    // Half an answer is out: only a cut connection tells the client that it is not whole.
    if (res.headersSent) res.destroy();
    else writeProblem(parts, exchange, problem);
  } catch (defect) {
    exchange.failure = defect;
    res.destroy();
  }
}

function writeProblem(parts: AppParts, exchange: Exchange, problem: HttpProblem): void {
  const { req, res } = exchange;
  // What the handler had prepared for its own answer does not describe this one.
  for (const name of res.getHeaderNames()) res.removeHeader(name);
  res.setHeader('X-Request-Id', exchange.requestId);
  for (const [name, value] of parts.headers) res.setHeader(name, value);
  if (parts.lifecycle.state === 'draining') res.setHeader('Connection', 'close');
  const document = renderProblem(problem, instanceOf(exchange), exchange.requestId);
  const extension = parts.extendProblem?.(req, document);
  const text = JSON.stringify(extension === undefined ? document : { ...document, ...extension });
  sendText(res, problem.status, problemContentType, text, problem.headers);
}

/** The path asked for; where it is none that a URI can have, the request itself. */
function instanceOf({ req, requestId }: Exchange): string {
  const path = splitTarget(req.url)?.path;
  return path !== undefined && URL.canParse(path, 'http://host') && !/%(?![0-9a-f]{2})/i.test(path)
    ? path
    : `urn:uuid:${requestId}`;
}
