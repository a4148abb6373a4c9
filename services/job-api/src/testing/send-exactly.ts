import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ExactRequest {
  readonly method?: string;
  /** Sent as it is: nothing resolves dots or encodes characters. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface ExactAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** One request whose path and body no client library has touched. */
export async function sendExactly(
  app: RequestListener,
  { method = 'GET', path, headers = {}, body }: ExactRequest,
): Promise<ExactAnswer> {
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false });
    outgoing.end(body);
    const [response] = await once(outgoing, 'response');
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += chunk;
    return { status: response.statusCode, headers: response.headers, text };
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
