import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { MultipartLedger } from './multipart-ledger.ts';

/** Answers that go wrong, as any service's do now and then. */
export interface Faults {
  /** Share of the requests, 0 to 1; half of them are carried out and only their answer is lost. */
  rate: number;
}

interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/**
 * Stands before the emulator and adds what that lacks: conditional writes as S3 does them (one writer at a time looks at the ETag),
 * lists of unfinished uploads and their parts, and faults.
 */
export class S3Gateway {
  readonly faults: Faults = { rate: 0 };
  readonly #upstream: URL;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #server: Server;
  readonly #locks = new Map<string, Promise<unknown>>();
  readonly #ledger = new MultipartLedger();
  #injected = 0;

  constructor(upstream: string) {
    this.#upstream = new URL(upstream);
    this.#server = createServer((req, res) => {
      this.#answer(req, res).catch(() => res.destroy());
    });
  }

  /** Faults that were injected so far. */
  get injected(): number {
    return this.#injected;
  }

  async listen(port = 0, host = '127.0.0.1'): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, host, resolve));
    const { port: bound } = this.#server.address() as AddressInfo;
    return `http://${host}:${bound}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    this.#agent.destroy();
  }

  async #answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await buffer(req);
    const isFaulty = Math.random() < this.faults.rate;
    if (isFaulty) this.#injected += 1;
    if (isFaulty && Math.random() < 0.5) return send(res, failure(503, 'SlowDown', req));
    const reply = await this.#carryOut(req, body, res);
    send(res, isFaulty ? failure(500, 'InternalError', req) : reply);
  }

  async #carryOut(req: IncomingMessage, body: Buffer, res: ServerResponse): Promise<Reply> {
    const listed = this.#ledger.answer(req.method ?? 'GET', urlOf(req));
    if (listed === 'missing') return failure(404, 'NoSuchUpload', req);
    if (listed !== undefined) return xml(200, listed);
    const match = req.headers['if-match'];
    const noneMatch = req.headers['if-none-match'];
    const isWrite = req.method === 'PUT' || req.method === 'POST';
    if (!isWrite || (match === undefined && noneMatch === undefined)) return this.#forward(req, body, res);
    const path = (req.url ?? '').split('?')[0] ?? '';
    return this.#alone(path, async () => {
      const { status, headers } = await this.#send('HEAD', path, {}, Buffer.alloc(0), res);
      const etag = status === 200 ? headers.etag : undefined;
      if (noneMatch === '*' && etag !== undefined) return failure(412, 'PreconditionFailed', req);
      if (match !== undefined && etag === undefined) return failure(404, 'NoSuchKey', req);
      if (match !== undefined && etag !== match) return failure(412, 'PreconditionFailed', req);
      return this.#forward(req, body, res);
    });
  }

  /** Runs `section` after all earlier ones of the same key. */
  async #alone<T>(key: string, section: () => Promise<T>): Promise<T> {
    const before = this.#locks.get(key) ?? Promise.resolve();
    const run = before.then(section, section);
    const settled = run.catch(() => undefined);
    this.#locks.set(key, settled);
    try {
      return await run;
    } finally {
      if (this.#locks.get(key) === settled) this.#locks.delete(key);
    }
  }

  async #forward(req: IncomingMessage, body: Buffer, res: ServerResponse): Promise<Reply> {
    const { 'transfer-encoding': _, ...headers } = req.headers;
    const method = req.method ?? 'GET';
    const reply = await this.#send(method, req.url ?? '/', headers, body, res);
    this.#ledger.see({
      method,
      url: urlOf(req),
      requestHeaders: headers,
      requestBytes: body.length,
      status: reply.status,
      answerHeaders: reply.headers,
      answer: method === 'POST' ? reply.body.toString('utf8') : '',
    });
    return reply;
  }

  #send(
    method: string,
    path: string,
    headers: IncomingMessage['headers'],
    body: Buffer,
    res: ServerResponse,
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const upstream = request(
        {
          agent: this.#agent,
          host: this.#upstream.hostname,
          port: this.#upstream.port,
          method,
          path,
          headers: { ...headers, 'content-length': body.length },
        },
        (answer) => {
          buffer(answer).then((content) => {
            resolve({ status: answer.statusCode ?? 500, headers: answer.headers, body: content });
          }, reject);
        },
      );
      upstream.on('error', reject);
      // A receiver that waits no more must not be given a message.
      res.once('close', () => upstream.destroy());
      upstream.end(body);
    });
  }
}

function send(res: ServerResponse, { status, headers, body }: Reply): void {
  const { 'transfer-encoding': _, ...rest } = headers;
  const isHead = res.req.method === 'HEAD';
  res.writeHead(status, isHead ? rest : { ...rest, 'content-length': body.length });
  res.end(isHead ? undefined : body);
}

/** An error as S3 (XML) or SQS (JSON) puts it. */
function failure(status: number, code: string, req: IncomingMessage): Reply {
  const isSqs = req.headers['content-type']?.includes('x-amz-json') === true;
  if (!isSqs) {
    return xml(
      status,
      `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
    );
  }
  const text = JSON.stringify({ __type: `com.amazonaws.sqs#${code}`, message: code });
  return { status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: Buffer.from(text) };
}

function xml(status: number, text: string): Reply {
  return { status, headers: { 'content-type': 'application/xml' }, body: Buffer.from(text) };
}

function urlOf(req: IncomingMessage): URL {
  return new URL(req.url ?? '/', 'http://local');
}
