import type { IncomingMessage } from 'node:http';

/** Unread bodies up to this many bytes are read to their end so that the connection can be used again. */
const smallBodyBytes = 65_536;

/** Whether the request's head announces a body. */
export function hasBody(req: IncomingMessage): boolean {
  const length = req.headers['content-length'];
  return (length !== undefined && length !== '0') || req.headers['transfer-encoding'] !== undefined;
}

/** Whether reading the whole body only to throw it away would be a waste. */
export function isLargeBody(req: IncomingMessage): boolean {
  const length = req.headers['content-length'];
  return length === undefined || Number(length) > smallBodyBytes;
}
