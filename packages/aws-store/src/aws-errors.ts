import { StoreUnavailableError } from '@pi-jobs/core';

/** The service's own name of an error (`NoSuchKey`, `PreconditionFailed`, ...), or the system's. */
export function awsErrorName(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

/** HTTP status of the answer that the error stands for; undefined when there was none. */
export function awsStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const { $metadata: metadata } = error;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}

/**
 * Calls the service and makes a `StoreUnavailableError` of whatever it cannot do: it was asked as often as the client's retry rule
 * says. An abort passes as it is, and so do the errors that `isAnswer` names.
 */
export async function callAws<T>(
  what: string,
  call: () => Promise<T>,
  isAnswer: (error: unknown) => boolean = () => false,
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (isAnswer(error) || awsErrorName(error) === 'AbortError') throw error;
    throw new StoreUnavailableError(`${what} failed: ${awsErrorName(error)}`, { cause: error });
  }
}
