import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { json } from 'node:stream/consumers';

const agent = new Agent({ keepAlive: true });

/**
 * One request and the JSON that it is answered with. Where the client runs on the cores of what it measures: it takes a fraction of
 * what `fetch` takes.
 */
export async function askLightly(
  url: string,
  { method = 'GET', headers = {}, body }: RequestOptions = {},
): Promise<unknown> {
  const asked = request(url, { agent, method, headers });
  asked.end(body);
  const [answer] = (await once(asked, 'response')) as [AsyncIterable<Uint8Array>];
  return json(answer);
}

interface RequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: Uint8Array;
}
