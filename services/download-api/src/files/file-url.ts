import type { IncomingMessage } from 'node:http';

/** Where a file is on this service. */
export function filePath(filename: string): string {
  return `/download/${encodeURIComponent(filename)}`;
}

/** The same as a whole URL, under the name by which the client called the service: it may know others than the service does. */
export function fileUrl(
  { headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>,
  filename: string,
): string {
  const { host } = headers;
  const isPlain = host !== undefined && /^[\w.:[\]-]+$/.test(host) && URL.canParse(`http://${host}`);
  return `http://${isPlain ? host : `localhost:${socket.localPort}`}${filePath(filename)}`;
}
