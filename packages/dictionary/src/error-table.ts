/** One error of the query API: what is answered, and what a caller should know besides what went wrong this time. */
export interface ErrorRow {
  readonly status: number;
  readonly title: string;
  readonly meaning: string;
}

/**
 * Every error that a request to the query API can end in. The rows of 404, 405, 413, 415 and a part of 500 and 503 belong to whoever speaks HTTP; the
 * others are raised here, as `DictionaryError` of that kind.
 */
export const errorTable = {
  invalid_query: {
    status: 400,
    title: 'The query is not acceptable',
    meaning: 'A query is one JSON object with exactly the fields that its action takes.',
  },
  query_failed: {
    status: 403,
    title: 'The dictionary or folder cannot be read',
    meaning: 'It does not exist, it may not be read, or reading it took too long.',
  },
  not_found: {
    status: 404,
    title: 'Not found',
    meaning: 'Queries go to /api/v1/json.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    meaning: 'Queries are sent with POST; the instructions are read with GET.',
  },
  payload_too_large: {
    status: 413,
    title: 'The body is too large',
    meaning: 'No query needs that many bytes.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    meaning: 'A query is JSON: send it with Content-Type: application/json.',
  },
  internal_error: {
    status: 500,
    title: 'Internal error',
    meaning: 'The query is not at fault.',
  },
  action_not_implemented: {
    status: 501,
    title: 'The action is not implemented',
    meaning: 'The actions are "all", "search" and "list".',
  },
  line_full: {
    status: 503,
    title: 'Too many external programs wait in line',
    meaning: 'Send the request again in a moment.',
  },
  shutting_down: {
    status: 503,
    title: 'The service is shutting down',
    meaning: 'Send the request again, on a new connection.',
  },
} as const satisfies Readonly<Record<string, ErrorRow>>;

export type ErrorKind = keyof typeof errorTable;
