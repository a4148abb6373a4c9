import { z } from 'zod';

const problemSchema = z.object({ title: z.string(), detail: z.string(), code: z.string().optional() });

/** The service answered with a problem (RFC 9457). */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  /** Stable name of the problem, when the service gave one. */
  readonly code: string | undefined;
  /** Seconds after which to try again, when the service said so. */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, detail: string, code?: string, retryAfterSeconds?: number) {
    super(detail);
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** No service answered at the address. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

/** The connection ended before the answer did. */
export class LostConnectionError extends Error {
  override readonly name = 'LostConnectionError';
}

/** Something answers at the address, and it is not the service. */
export class UnexpectedAnswerError extends Error {
  override readonly name = 'UnexpectedAnswerError';
}

export async function errorFromResponse(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => undefined);
  const problem = problemSchema.safeParse(body);
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new ApiError(
    response.status,
    problem.data?.detail ?? `the service answered ${response.status} ${response.statusText}`,
    problem.data?.code,
    Number.isFinite(retryAfter) ? retryAfter : undefined,
  );
}
