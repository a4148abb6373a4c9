import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { HttpProblem } from '../problems/http-problem.ts';
import { kitProblems } from '../problems/kit-problems.ts';
import { problemContentType, renderProblem } from '../problems/render-problem.ts';

/** A request whose answer is not finished. */
export interface OpenExchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

/** How long a refused connection may take to read its answer before it is cut, in milliseconds. */
const closeAfterMs = 1_000;

const refused = new WeakSet<Duplex>();

/**
 * Answers what Node's HTTP parser refuses. There is no request object then, so the answer is written to the socket: after the
 * answers to the whole requests that came before on the connection. A socket in the middle of the answer to the broken request
 * itself is only cut, because nobody could tell the two apart.
 */
export function refuseUnparsable(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  open: ReadonlySet<OpenExchange> | undefined,
  logger: Logger,
): void {
  if (refused.has(socket)) return;
  refused.add(socket);
  const exchanges = [...(open ?? [])];
  const isAnswering = exchanges.some(({ req, res }) => !req.complete && res.headersSent);
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering) {
    socket.destroy();
    return;
  }
  const problem = problemFromParserError(error.code);
  const refuse = (): void => {
    if (!socket.writable) return;
    const requestId = writeProblem(socket, problem);
    logger.warn(
      { request_id: requestId, status: problem.status, code: error.code },
      'request refused by the parser',
    );
  };
  const whole = exchanges.filter(({ req }) => req.complete);
  let left = whole.length;
  if (left === 0) refuse();
  for (const { res } of whole) {
    res.once('close', () => {
      left -= 1;
      if (left === 0) refuse();
    });
  }
}

/** CONNECT asks for a tunnel; Node would close the connection without a word. */
export function refuseTunnel(socket: Duplex, logger: Logger): void {
  const problem = kitProblems.method_not_allowed('This server is no proxy.', {
    headers: { Allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS' },
  });
  const requestId = writeProblem(socket, problem);
  logger.warn({ request_id: requestId, status: problem.status, method: 'CONNECT' }, 'request');
}

function problemFromParserError(code: string | undefined): HttpProblem {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return kitProblems.headers_too_large('The request line and the headers have more than 16 KiB.');
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return kitProblems.payload_too_large('The extensions of the chunks have more than 16 KiB.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return kitProblems.request_timeout('The head of the request did not arrive in time.');
    default:
      return kitProblems.bad_request('The request is not valid HTTP.');
  }
}

function writeProblem(socket: Duplex, problem: HttpProblem): string {
  const requestId = randomUUID();
  const body = JSON.stringify(renderProblem(problem, `urn:uuid:${requestId}`, requestId));
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    `Content-Type: ${problemContentType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `Date: ${new Date().toUTCString()}`,
    `X-Request-Id: ${requestId}`,
    'X-Content-Type-Options: nosniff',
    ...Object.entries(problem.headers).map(([name, value]) => `${name}: ${value}`),
    'Connection: close',
  ];
  socket.on('error', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.resume();
  setTimeout(() => socket.destroy(), closeAfterMs).unref();
  return requestId;
}
