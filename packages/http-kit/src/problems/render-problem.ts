import type { HttpProblem } from './http-problem.ts';

/** The answer's JSON object: RFC 9457's members, then those that this project adds to every error. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: string;
  readonly success: false;
  readonly error: string;
  readonly request_id: string;
  readonly [member: string]: unknown;
}

export const problemContentType = 'application/problem+json; charset=utf-8';

/**
 * `type` leads to the entry of the code on the service's own `/docs` page; `instance` is the path asked for, or the request's
 * `urn:uuid:` where no path could be read.
 */
export function renderProblem(problem: HttpProblem, instance: string, requestId: string): ProblemDocument {
  return {
    ...problem.members,
    type: problemType(problem.code),
    title: problem.title,
    status: problem.status,
    detail: problem.detail,
    instance,
    code: problem.code,
    success: false,
    error: problem.detail,
    request_id: requestId,
  };
}

function problemType(code: string): string {
  return `/docs#${code}`;
}
