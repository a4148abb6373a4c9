import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { type Answer, ask, post } from './start-job-api.ts';

export async function reserve(url: string): Promise<string> {
  const { status, body } = await ask(`${url}/new_job`);
  if (status !== 200) throw new Error(`no slot: ${JSON.stringify(body)}`);
  return String(body['worker_id']);
}

export const modify = (url: string, workerId: string, status: string): Promise<Answer> =>
  post(`${url}/modify/${workerId}/${status}`);

export const workerStatus = (url: string, workerId: string): Promise<Answer> =>
  ask(`${url}/status/${workerId}`);

/** Polls until the worker has the status. */
export async function untilStatus(url: string, workerId: string, status: string): Promise<Answer> {
  for (const until = Date.now() + 10_000; ; await sleep(20)) {
    const answer = await workerStatus(url, workerId);
    if (answer.body['status'] === status) return answer;
    if (Date.now() > until) throw new Error(`it is not ${status} but ${JSON.stringify(answer.body)}`);
  }
}

/** Polls until so many bytes have passed. */
export async function untilBytes(url: string, workerId: string, bytes: number): Promise<number> {
  for (const until = Date.now() + 10_000; ; await sleep(20)) {
    const { body } = await workerStatus(url, workerId);
    if (Number(body['bytes'] ?? 0) >= bytes) return Number(body['bytes']);
    if (Date.now() > until) throw new Error(`fewer than ${bytes} bytes: ${JSON.stringify(body)}`);
  }
}

export interface Push {
  readonly request: ClientRequest;
  /** Bytes that the system has taken from the client so far. */
  sent(): number;
  /** Sends the rest. */
  goOn(): void;
  readonly answer: Promise<Answer>;
}

/** Sends `total` bytes of text as fast as the other side takes them; `holdAt` bytes at first and the rest only after `goOn`. */
export function push(
  url: string,
  total: number,
  options: {
    readonly holdAt?: number;
    readonly headers?: Readonly<Record<string, string | number>>;
    /** What stands around the bytes of a form's file. */
    readonly head?: string;
    readonly foot?: string;
  } = {},
): Push {
  const outgoing = request(url, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'text/plain', 'content-length': total, ...options.headers },
  });
  outgoing.on('error', () => undefined);
  onTestFinished(() => void outgoing.destroy());
  const answer = new Promise<Answer>((resolve, reject) => {
    outgoing.once('error', reject);
    outgoing.once('response', (response: IncomingMessage) => readAnswer(response).then(resolve, reject));
  });
  answer.catch(() => undefined);
  const chunk = Buffer.alloc(16_384, 'all work and no play makes a dull boy\n');
  let sent = 0;
  let limit = options.holdAt ?? total;
  const send = (): void => {
    while (sent < limit && !outgoing.destroyed) {
      const part = chunk.subarray(0, Math.min(limit - sent, chunk.length));
      sent += part.length;
      if (outgoing.write(part)) continue;
      outgoing.once('drain', send);
      return;
    }
    if (sent === total) outgoing.end(options.foot);
  };
  if (options.head !== undefined) outgoing.write(options.head);
  send();
  return {
    request: outgoing,
    sent: () => sent,
    goOn() {
      const isWaiting = sent === limit;
      limit = total;
      if (isWaiting) send();
    },
    answer,
  };
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  let text = '';
  for await (const part of response.setEncoding('utf8')) text += part;
  const headers = new Headers(Object.entries(response.headers).map(([name, value]) => [name, String(value)]));
  return { status: response.statusCode ?? 0, headers, body: JSON.parse(text) as Answer['body'] };
}

export interface Pull {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  received(): number;
  /** Reads nothing until `goOn`. */
  hold(): void;
  goOn(): void;
  /** Whether everything that was announced came, once the connection or the answer has ended. */
  readonly ended: Promise<{ readonly whole: boolean; readonly bytes: number }>;
  leave(): void;
}

/** Starts a download in the slot of a worker id. */
export async function pull(url: string, workerId: string, json: unknown): Promise<Pull> {
  const outgoing = request(`${url}/download/new/${workerId}`, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json' },
  });
  onTestFinished(() => void outgoing.destroy());
  outgoing.end(JSON.stringify(json));
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  outgoing.on('error', () => undefined);
  response.on('error', () => undefined);
  let bytes = 0;
  response.on('data', (part: Buffer) => {
    bytes += part.length;
  });
  const ended = new Promise<{ readonly whole: boolean; readonly bytes: number }>((resolve) => {
    response.once('close', () => resolve({ whole: response.complete, bytes }));
  });
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    received: () => bytes,
    hold: () => void response.pause(),
    goOn: () => void response.resume(),
    ended,
    leave: () => void outgoing.destroy(),
  };
}
