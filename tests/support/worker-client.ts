import { setTimeout as sleep } from 'node:timers/promises';

export interface JsonAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** One request with a JSON answer; rejects when the connection breaks before it is whole. */
export async function requestJson(
  url: string,
  init: RequestInit & { readonly json?: unknown } = {},
): Promise<JsonAnswer> {
  const { json, ...rest } = init;
  const body =
    json === undefined
      ? {}
      : { method: 'POST', body: JSON.stringify(json), headers: { 'content-type': 'application/json' } };
  const response = await fetch(url, { ...body, ...rest });
  return { status: response.status, body: (await response.json()) as JsonAnswer['body'] };
}

export const post = (url: string): Promise<JsonAnswer> => requestJson(url, { method: 'POST' });

/** A worker id, as soon as a slot is free. */
export async function reserveWorker(url: string): Promise<string> {
  for (const until = Date.now() + 20_000; ; await sleep(50)) {
    const { status, body } = await requestJson(`${url}/new_job`);
    if (status === 200) return String(body['worker_id']);
    if (Date.now() > until) throw new Error(`no slot became free: ${JSON.stringify(body)}`);
  }
}

export const modifyWorker = (url: string, workerId: string, status: string): Promise<JsonAnswer> =>
  post(`${url}/modify/${workerId}/${status}`);

/** Polls the status of a worker id until `isReached` holds. */
export async function pollWorker(
  url: string,
  workerId: string,
  isReached: (body: JsonAnswer['body']) => boolean,
): Promise<JsonAnswer['body']> {
  for (const until = Date.now() + 20_000; ; await sleep(25)) {
    const { body } = await requestJson(`${url}/status/${workerId}`);
    if (isReached(body)) return body;
    if (Date.now() > until) throw new Error(`it stays ${JSON.stringify(body)}`);
  }
}
