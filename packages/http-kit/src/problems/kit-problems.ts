import { defineProblems } from './define-problems.ts';

/** The problems that every service can answer. Services add their own catalogue through `createServiceApp({ problems })`. */
export const kitProblems = defineProblems({
  bad_request: {
    status: 400,
    title: 'The request is not valid HTTP',
    meaning:
      'The bytes received are no HTTP request, the Host header is missing or there are two, or the path has broken percent-encoding.',
  },
  malformed_json: {
    status: 400,
    title: 'The body is not JSON',
    meaning: 'The body is empty, not UTF-8, or does not parse as JSON.',
  },
  invalid_request: {
    status: 400,
    title: 'The request is not acceptable',
    meaning:
      'A field of the body, a query parameter, a header or a part of the path is not what it must be; `errors` lists each.',
  },
  cross_site: {
    status: 403,
    title: 'The request comes from another site',
    meaning:
      "A page of another origin made the browser send it. Only this service's own pages and programs change anything.",
  },
  not_found: {
    status: 404,
    title: 'Not found',
    meaning: 'Nothing has this address.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    meaning: 'The address exists but does not take this method; `Allow` names those it takes.',
  },
  request_timeout: {
    status: 408,
    title: 'The request took too long to arrive',
    meaning: 'The head of the request or its JSON body did not arrive in time.',
  },
  payload_too_large: {
    status: 413,
    title: 'The body is too large',
    meaning: 'The body has more bytes than this address takes; `limit_bytes` says how many it does.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    meaning:
      'The Content-Type, its charset or the Content-Encoding is not one that this address reads; `Accept` names the types.',
  },
  expectation_failed: {
    status: 417,
    title: 'Expectation failed',
    meaning: 'The Expect header asks for something other than 100-continue.',
  },
  request_refused: {
    status: 400,
    title: 'The request was refused',
    meaning:
      'A part of the server refused the request for a reason that has no code of its own; see the status.',
  },
  unknown_host: {
    status: 421,
    title: 'The service does not go by this name',
    meaning:
      'On the loopback interface it answers to addresses, `localhost` and names without a dot, so that no page whose name leads here can use it; `ALLOWED_HOSTS` adds names.',
  },
  headers_too_large: {
    status: 431,
    title: 'The request head is too large',
    meaning: 'The request line and the headers together have more than 16 KiB.',
  },
  internal_error: {
    status: 500,
    title: 'Internal error',
    meaning: 'The service failed. The log has the cause under the `request_id` of the answer.',
  },
  storage_unavailable: {
    status: 503,
    title: 'Storage is not available',
    meaning: 'The volume refuses to be read or written at the moment. Try again after `Retry-After` seconds.',
  },
  not_ready: {
    status: 503,
    title: 'The service is not ready',
    meaning:
      'The service is starting, or one of its readiness checks fails. Try again after `Retry-After` seconds.',
  },
  shutting_down: {
    status: 503,
    title: 'The service is shutting down',
    meaning: 'The service takes no new work. Try again after `Retry-After` seconds, on a new connection.',
  },
  storage_full: {
    status: 507,
    title: 'Storage is full',
    meaning: 'The volume has no room left. Nothing of the request was kept.',
  },
});
