import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { requestJson } from './worker-client.ts';

export interface LoadUrls {
  readonly jobApi: string;
  readonly downloadApi: string;
  readonly calculator: string;
}

/** How one request ended, as its client saw it. */
export interface Outcome {
  readonly what: string;
  readonly origin: string;
  /** When it was begun, by `performance.now`. */
  readonly begunAt: number;
  /** 0 when no answer came because the service had stopped listening. */
  readonly status: number;
  /** All that the answer announced arrived. */
  readonly whole: boolean;
  readonly text: string;
  readonly error: string | undefined;
}

interface Ask {
  readonly what: string;
  readonly url: string;
  readonly method?: string;
  readonly json?: unknown;
  /** Sends a body of so many bytes, slowly. */
  readonly slowBytes?: number;
  /** Takes the answer slowly. */
  readonly slowly?: boolean;
}

/** One request on a connection of its own. Never rejects: how it ended is what is asked. */
export async function observe({
  what,
  url,
  method = 'GET',
  json,
  slowBytes,
  slowly = false,
}: Ask): Promise<Outcome> {
  const body = json === undefined ? undefined : JSON.stringify(json);
  const headers = {
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    ...(slowBytes === undefined ? {} : { 'content-type': 'text/plain', 'content-length': slowBytes }),
  };
  const facts = { what, origin: new URL(url).origin, begunAt: performance.now() };
  const outgoing = request(url, { agent: false, method: body === undefined ? method : 'POST', headers });
  const failed = once(outgoing, 'error').then(([error]: Array<NodeJS.ErrnoException>) => error);
  if (slowBytes === undefined) outgoing.end(body);
  else void trickle(outgoing, slowBytes);
  const first = await Promise.race([once(outgoing, 'response').catch(() => failed), failed]);
  if (!Array.isArray(first)) {
    return { ...facts, status: 0, whole: false, text: '', error: first?.code ?? String(first) };
  }
  const response = first[0] as IncomingMessage;
  let text = '';
  let error: string | undefined;
  response.on('error', (cause: NodeJS.ErrnoException) => {
    error = cause.code ?? cause.message;
  });
  response.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
    if (!slowly) return;
    response.pause();
    setTimeout(() => response.resume(), 10);
  });
  await new Promise((resolve) => response.once('close', resolve));
  return { ...facts, status: response.statusCode ?? 0, whole: response.complete, text, error };
}

async function trickle(outgoing: ClientRequest, bytes: number): Promise<void> {
  for (let left = bytes; left > 0 && !outgoing.destroyed; ) {
    const part = Buffer.alloc(Math.min(left, 16_384), 'little by little\n');
    left -= part.length;
    outgoing.write(part);
    await sleep(5);
  }
  outgoing.end();
}

/** Requests of every kind, begun one after the other until `stop`; the outcomes of all of them. */
export class MixedLoad {
  readonly #urls: LoadUrls;
  readonly #doneJob: number;
  readonly #outcomes: Promise<Outcome>[] = [];
  #isOver = false;
  readonly #driving: Promise<void>;

  /** `doneJob` is the id of a complete job. */
  constructor(urls: LoadUrls, doneJob: number) {
    this.#urls = urls;
    this.#doneJob = doneJob;
    this.#driving = this.#drive();
  }

  async stop(): Promise<readonly Outcome[]> {
    this.#isOver = true;
    await this.#driving;
    return Promise.all(this.#outcomes);
  }

  #begin(ask: Ask): void {
    this.#outcomes.push(observe(ask));
  }

  async #drive(): Promise<void> {
    const { jobApi, downloadApi, calculator } = this.#urls;
    this.#begin({ what: 'wait', url: `${jobApi}/wait` });
    this.#begin({ what: 'events', url: `${jobApi}/jobs/${this.#doneJob + 1}/events` });
    this.#begin({ what: 'held status', url: `${jobApi}/jobs/${this.#doneJob + 1}/status?wait=60` });
    await this.#useWorker((id) =>
      this.#begin({ what: 'held job', url: `${jobApi}/job/new/${id}`, json: { num: 1_500_000 } }),
    );
    await this.#useWorker((id) => {
      const url = `${jobApi}/upload/new/${id}?filename=slow.txt`;
      this.#begin({ what: 'controlled upload', url, method: 'POST', slowBytes: 2 << 20 });
    });
    this.#begin({
      what: 'upload',
      url: `${downloadApi}/upload/plain.txt`,
      method: 'POST',
      slowBytes: 2 << 20,
    });
    for (let turn = 0; !this.#isOver; turn += 1) {
      this.#begin({ what: 'zip', url: `${downloadApi}/download/${this.#doneJob}`, slowly: true });
      this.#begin({ what: 'search', url: `${jobApi}/api/v1/json`, json: { action: 'search', term: 'the' } });
      this.#begin({ what: 'poll', url: `${jobApi}/jobs/${this.#doneJob}/status` });
      this.#begin({ what: 'digits', url: `${downloadApi}/digits/${this.#doneJob}?count=100000` });
      this.#begin({ what: 'calculations', url: `${calculator}/calculations` });
      if (turn % 4 === 0) this.#begin({ what: 'create', url: `${jobApi}/jobs`, json: { num: 40 } });
      await sleep(15 + Math.random() * 30);
    }
  }

  /** Nothing when the service stops already. */
  async #useWorker(use: (workerId: string) => void): Promise<void> {
    const answer = await requestJson(`${this.#urls.jobApi}/new_job`).catch(() => undefined);
    if (answer?.status === 200) use(String(answer.body['worker_id']));
  }
}
