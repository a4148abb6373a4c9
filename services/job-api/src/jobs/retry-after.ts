import { isTerminal } from '@pi-jobs/core';
import type { AnyJob } from './all-jobs.ts';

const LONGEST_SECONDS = 30;

/** `Retry-After` for a status answer: a tenth of the time that is left, 1 to 30 seconds; nothing once the job has ended. */
export function retryAfter(job: AnyJob): { readonly 'Retry-After'?: number } {
  if (isTerminal(job.state)) return {};
  const etaSeconds = job.kind === 'digits' ? job.progress.etaSeconds : null;
  return { 'Retry-After': Math.min(LONGEST_SECONDS, Math.max(1, Math.round((etaSeconds ?? 0) / 10))) };
}
