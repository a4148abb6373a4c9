import { STATUS_CODES } from 'node:http';
import { isStorageCondition, isStorageFull } from '@pi-jobs/core';
import { HttpProblem } from './http-problem.ts';
import { kitProblems } from './kit-problems.ts';

/**
 * The answer to anything that a handler can throw. Only the text of an `HttpProblem` is taken over: every other message may name
 * a path of the host, so the answer gets a fixed sentence and the log gets the error.
 */
export function problemFromError(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  const condition = findStorageCondition(error);
  if (isStorageFull(condition)) {
    return kitProblems.storage_full('The volume has no room left.', { cause: error });
  }
  if (condition !== undefined) {
    return kitProblems.storage_unavailable('The volume cannot be used at the moment.', {
      cause: error,
      headers: { 'Retry-After': 5 },
    });
  }
  const status = clientErrorStatus(error);
  if (status !== undefined) return refusal(status, error);
  return kitProblems.internal_error('The service failed; its log has the cause under the request_id.', {
    cause: error,
  });
}

/** The error, or what caused it, that tells of a storage which cannot do its part. */
function findStorageCondition(error: unknown): unknown {
  for (
    let current = error, depth = 0;
    current instanceof Error && depth < 8;
    current = current.cause, depth += 1
  ) {
    if (isStorageCondition(current)) return current;
  }
  return undefined;
}

/** Express's own parts (`res.sendFile` and the like) throw errors that bear a 4xx `status`. */
function clientErrorStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('status' in error)) return undefined;
  const { status } = error;
  return typeof status === 'number' && status >= 400 && status < 500 && status in STATUS_CODES
    ? status
    : undefined;
}

function refusal(status: number, cause: unknown): HttpProblem {
  const known = Object.values(kitProblems).find((kind) => kind.status === status && status !== 400);
  const detail = `${STATUS_CODES[status]}.`;
  if (known !== undefined) return known(detail, { cause });
  return new HttpProblem({ ...kitProblems.request_refused, code: 'request_refused', status }, detail, {
    cause,
  });
}
