import autocannon from 'autocannon';

export interface Load {
  readonly url: string;
  readonly seconds: number;
  readonly connections: number;
  readonly method?: 'GET' | 'POST';
  readonly json?: unknown;
  /** Paths to ask for in turn, instead of the URL's own. */
  readonly paths?: readonly string[];
}

export interface LoadResult {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p99: number;
}

/** Loads a server; throws when any answer was none of 2xx. */
export async function load({
  url,
  seconds,
  connections,
  method = 'GET',
  json,
  paths,
}: Load): Promise<LoadResult> {
  const request = {
    method,
    ...(json === undefined
      ? {}
      : { body: JSON.stringify(json), headers: { 'content-type': 'application/json' } }),
  };
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    ...request,
    ...(paths === undefined ? {} : { requests: paths.map((path) => ({ ...request, path })) }),
  });
  if (result.non2xx + result.errors > 0) {
    throw new Error(`${url}: ${result.non2xx} answers other than 2xx, ${result.errors} errors`);
  }
  return { perSecond: result.requests.average, p99: result.latency.p99 };
}
