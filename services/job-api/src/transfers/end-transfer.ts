import { type ControlledTransfer, StopError } from '@pi-jobs/core';

/** Was the work ended on request, from wherever? */
export function isTermination(error: unknown): boolean {
  return error instanceof StopError && error.reason === 'terminate';
}

/** Records how a transfer that was begun ended with an error. */
export async function endWithError(transfer: ControlledTransfer | undefined, error: unknown): Promise<void> {
  if (isTermination(error)) await transfer?.end('terminated');
  else await transfer?.end('failed', error instanceof Error ? error.message : String(error));
}
