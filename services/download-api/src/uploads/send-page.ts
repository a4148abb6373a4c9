import type { RequestTools } from '@pi-jobs/http-kit';
import { pageHeaders } from './page-frame.ts';

/** How long the rest of a refused body is read and thrown away, in milliseconds. */
const LINGER_MS = 5_000;

/**
 * Sends a page. Where the request's body is still on its way the answer goes out whole and the connection ends after the body, or a little
 * later: a connection that is closed on a sender is reset, and the sender loses the answer.
 */
export function sendPage(
  { req, res }: Pick<RequestTools, 'req' | 'res'>,
  status: number,
  html: string,
  headers: Readonly<Record<string, string | number>> = {},
): void {
  res.writeHead(status, {
    ...pageHeaders,
    ...headers,
    'Content-Length': Buffer.byteLength(html),
    ...(req.complete ? {} : { Connection: 'close' }),
  });
  if (req.complete || req.destroyed) {
    res.end(req.method === 'HEAD' ? undefined : html);
    return;
  }
  res.write(html);
  const finish = (): void => {
    clearTimeout(timer);
    res.end();
  };
  const timer = setTimeout(finish, LINGER_MS);
  req.unpipe();
  req.once('end', finish).once('close', finish).resume();
}
