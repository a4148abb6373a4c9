import type { DigitRequest } from '@pi-jobs/core/engine';

/** The request for those who have nothing to keep: being suspended is being stopped. */
export function untilSuspended(request: DigitRequest): DigitRequest {
  if (request.suspend === undefined) return request;
  return { ...request, signal: AbortSignal.any([request.signal, request.suspend]), suspend: undefined };
}
