import type { Response } from 'express';
import { hasBody, isLargeBody } from '../requests/body-facts.ts';
import type { ReplyHeaders } from '../routes/define-route.ts';

/** How long the rest of a refused body is read and thrown away, in milliseconds. */
const lingerMs = 5_000;

/**
 * Writes a whole answer. A refused body that is still on its way is a trap: closing the connection while the client sends makes
 * the kernel reset it, and the client loses the answer. So where the connection has to close, the complete answer goes out at
 * once, the rest of the body is read and thrown away, and only then the connection ends.
 */
export function sendText(
  res: Response,
  status: number,
  contentType: string | undefined,
  text: string,
  headers: ReplyHeaders | undefined,
): void {
  res.statusCode = status;
  if (headers !== undefined) {
    for (const name in headers) res.setHeader(name, headers[name] as string | number | readonly string[]);
  }
  if (contentType !== undefined && !res.hasHeader('Content-Type')) res.setHeader('Content-Type', contentType);
  const length = Buffer.byteLength(text);
  if (status !== 204 && status !== 304) res.setHeader('Content-Length', length);

  const { req } = res;
  if (!hasBody(req) || req.complete || req.destroyed) {
    // Plain ASCII, as most answers are, goes out faster as what it is.
    res.end(text, length === text.length ? 'latin1' : 'utf8');
    return;
  }
  if (isLargeBody(req)) res.setHeader('Connection', 'close');
  if (res.getHeader('Connection') !== 'close') {
    res.end(text);
    return;
  }
  if (req.method === 'HEAD' || text === '') res.flushHeaders();
  else res.write(text);
  const finish = (): void => {
    clearTimeout(timer);
    res.end();
  };
  const timer = setTimeout(finish, lingerMs);
  req.unpipe();
  req.once('end', finish).once('close', finish).resume();
}

/** Sends a JSON value, or an empty answer when there is none. */
export function sendJson(
  res: Response,
  status: number,
  body: unknown,
  headers: ReplyHeaders | undefined,
): void {
  if (body === undefined) sendText(res, status, undefined, '', headers);
  else sendText(res, status, 'application/json; charset=utf-8', JSON.stringify(body), headers);
}
