import type { Exchange } from '../app/exchange.ts';
import { HttpProblem } from '../problems/http-problem.ts';
import { kitProblems } from '../problems/kit-problems.ts';
import type { Route } from '../routes/define-route.ts';
import { hasBody } from './body-facts.ts';
import { defaultJsonLimitBytes } from './body-limits.ts';
import { matchesMediaRange, parseMediaType } from './media-type.ts';
import { parseQuery } from './parse-query.ts';
import { readJsonBody } from './read-json-body.ts';
import { validateInput } from './validate-input.ts';

/** Checks everything but the body, cheapest first, and puts it into the exchange. */
export function readHead(
  exchange: Exchange,
  route: Route,
  params: Readonly<Record<string, string>>,
  search: string,
): void {
  exchange.params = route.params === undefined ? params : checkPath(route, route.params, params);
  if (route.query !== undefined) exchange.query = validateInput(route.query, 'query', parseQuery(search));
  if (route.headers !== undefined) {
    exchange.headers = validateInput(route.headers, 'header', exchange.req.headers);
  }
}

function checkPath(route: Route, schema: NonNullable<Route['params']>, params: unknown): unknown {
  try {
    return validateInput(schema, 'path', params);
  } catch (problem) {
    if (route.invalidPathStatus === 400 || !(problem instanceof HttpProblem)) throw problem;
    throw kitProblems.not_found(`Nothing has this address: ${problem.detail}`);
  }
}

/** Chooses by content type how the body is taken, and reads it if it is JSON. */
export async function readBody(exchange: Exchange, body: NonNullable<Route['body']>): Promise<unknown> {
  const { req } = exchange;
  const encoding = req.headers['content-encoding'];
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') {
    throw kitProblems.unsupported_media_type(
      'The body must not be compressed (Content-Encoding: identity).',
      {
        headers: { 'Accept-Encoding': 'identity' },
      },
    );
  }
  const header = req.headers['content-type'];
  const type = parseMediaType(header);
  if ('json' in body && type?.essence === 'application/json') {
    if (type.charset !== undefined && !jsonCharsets.has(type.charset)) {
      throw wrongType(body, 'JSON must be UTF-8: no other charset is read.');
    }
    const value = await readJsonBody(req, body.limitBytes ?? defaultJsonLimitBytes);
    const checked = validateInput(body.json, 'body', value);
    return 'stream' in body ? { kind: 'json', value: checked } : checked;
  }
  if ('stream' in body) {
    const ranges = body.stream.contentTypes;
    const essence = type?.essence ?? '';
    if (ranges === undefined || ranges.some((range) => matchesMediaRange(essence, range))) {
      return { kind: 'stream', contentType: essence };
    }
  }
  if (header !== undefined && type === undefined) throw wrongType(body, 'The Content-Type is no media type.');
  if (type === undefined && !hasBody(req)) throw kitProblems.malformed_json('The request needs a body.');
  throw wrongType(body, `The Content-Type must be ${acceptedTypes(body).join(' or ')}.`);
}

const jsonCharsets = new Set(['utf-8', 'utf8', 'us-ascii']);

function acceptedTypes(body: NonNullable<Route['body']>): string[] {
  const types = 'json' in body ? ['application/json'] : [];
  return 'stream' in body ? [...types, ...(body.stream.contentTypes ?? ['*/*'])] : types;
}

function wrongType(body: NonNullable<Route['body']>, detail: string): HttpProblem {
  return kitProblems.unsupported_media_type(detail, { headers: { Accept: acceptedTypes(body).join(', ') } });
}
