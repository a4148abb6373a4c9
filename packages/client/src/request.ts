import type { z } from 'zod';
import {
  errorFromResponse,
  LostConnectionError,
  UnexpectedAnswerError,
  UnreachableError,
} from './api-error.ts';
import type { Operation, Service } from './operations.ts';

/** Where each service answers, without a slash at the end. */
export type ServiceUrls = Readonly<Record<Service, string>>;

export interface RequestOptions {
  /** Values for the `{…}` of the operation's path. */
  readonly path?: Readonly<Record<string, string>>;
  /** Undefined values are left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Throws an `ApiError` for an answer of 400 or more, an `UnreachableError` for none. */
export async function request(
  urls: ServiceUrls,
  operation: Operation,
  options: RequestOptions = {},
): Promise<Response> {
  const url = new URL(fillPath(operation.path, options.path ?? {}), urls[operation.service]);
  for (const [name, value] of Object.entries(options.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const hasBody = options.json !== undefined;
  let response: Response;
  try {
    response = await fetch(url, {
      method: operation.method.toUpperCase(),
      headers: { ...(hasBody ? { 'content-type': 'application/json' } : {}), ...options.headers },
      ...(hasBody ? { body: JSON.stringify(options.json) } : {}),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new UnreachableError(`${operation.service} does not answer at ${url.origin}`, { cause: error });
  }
  if (response.status >= 400) throw await errorFromResponse(response);
  return response;
}

/** The JSON of an answer. Throws an `UnexpectedAnswerError` when it is not what the schema says, a `LostConnectionError` when it breaks off. */
export async function readJson<T>(
  response: Response,
  schema: z.ZodType<T>,
  signal?: AbortSignal,
): Promise<T> {
  return parseJson(await readText(response, signal), schema, response.url);
}

/** Throws a `LostConnectionError` when the answer breaks off. */
export async function readText(response: Response, signal?: AbortSignal): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw brokenOff(response, error, signal);
  }
}

/** What ended the reading of an answer: the caller's own signal, or else a `LostConnectionError`. `signal` is that of the request. */
export function brokenOff({ url }: Response, error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return error;
  return new LostConnectionError(`the connection to ${new URL(url).origin} was lost`, { cause: error });
}

/** Throws an `UnexpectedAnswerError` when the text is not JSON or not what the schema says. */
export function parseJson<T>(text: string, schema: z.ZodType<T>, url: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new UnexpectedAnswerError(`what answers at ${new URL(url).origin} is no service of pi-jobs`, {
      cause,
    });
  }
}

function fillPath(path: string, values: Readonly<Record<string, string>>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
}
